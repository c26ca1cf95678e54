import Foundation
import TestSupport
import Testing

/// What is wrong is said in one sentence, with the remedy, and with the right exit code.
@Suite struct BadInputTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// What goes wrong before.
        let arranging: String
        let command: String
        let status: Int32
        let sentence: String

        init(_ name: String, after arranging: String = "true", _ command: String, _ status: Int32, _ sentence: String) {
            testDescription = name
            self.arranging = arranging
            self.command = command
            self.status = status
            self.sentence = sentence
        }
    }

    static let arguments: [Case] = [
        Case("unknown flag", "daybook list --nope", 64, "Unknown option '--nope'"),
        Case("unknown command", "daybook lisst", 64, "Unexpected argument 'lisst'"),
        Case("no such date", "daybook list --from 2025-02-30", 64, "'2025-02-30' is invalid"),
        Case("dates the wrong way", "daybook list --from 2025-03-02 --to 2025-03-01", 64, "2025-03-02 is after"),
        Case("no such environment", "daybook list --environment prod", 64, "'prod' is invalid"),
        Case("no id", "daybook quarantine release 17", 64, "'17' is invalid"),
        Case("nobody named", "daybook get --day 2025-03-01", 64, "either --business B or --unassigned"),
        Case("unknown flag of the receiver", "daybook-receiver --nope", 64, "Unknown option '--nope'"),
    ]

    static let missing: [Case] = [
        Case(
            "no archive", "daybook list --archive nowhere", 66,
            "nowhere is not an archive; name the archive folder with --archive"),
        Case(
            "no spool", "daybook sweep --spool nowhere", 66,
            "nowhere is not a spool; name the spool folder with --spool"),
        Case("no index", after: "rm archive/_index.sqlite*", "daybook events", 66, "is missing; run `daybook reindex`"),
        Case(
            "no such day", "daybook get --business acme --day 2025-03-09 -o out", 66,
            "list those there are with `daybook list`"),
        Case(
            "no such event", "daybook events --id 0195507c-0000-7000-8000-000000000099", 66,
            "there is no event 0195507c-"),
        Case(
            "nothing quarantined", "daybook quarantine release 0195507c-0000-7000-8000-000000000099", 66,
            "list the quarantine with `daybook quarantine list`"),
        Case(
            "nothing to show", "daybook quarantine show 0195507c-0000-7000-8000-000000000099", 66,
            "see `daybook quarantine list --all`"),
    ]

    static let configuration: [Case] = [
        Case(
            "newer format", after: #"sed -i 's/"format":2/"format":3/' archive/_daybook.json"#, "daybook list", 78,
            "_daybook.json has format 3, but this program supports formats up to 2; use a newer Daybook"),
        Case(
            "older format", after: #"sed -i 's/"format":2/"format":1/' archive/_daybook.json"#, "daybook list", 78,
            "_daybook.json has format 1, which was never released and is not supported; sweep into a new archive"),
        Case(
            "newer format, for a sweep", after: #"sed -i 's/"format":2/"format":3/' archive/_daybook.json"#,
            "daybook sweep",
            78,
            "use a newer Daybook"),
        Case(
            "newer index", after: "sqlite3 archive/_index.sqlite \"INSERT INTO grdb_migrations VALUES ('99')\"",
            "daybook list",
            78, "was created by a newer Daybook"),
        Case(
            "other time zone", "daybook sweep --time-zone Africa/Lagos", 78,
            "was created with the time zone UTC, not Africa/Lagos"),
        Case(
            "unknown time zone", "daybook sweep --time-zone Mars/Olympus", 78, "Mars/Olympus is not a known time zone"),
        Case(
            "another archive", after: "mkdir -p s/production/new && daybook sweep --spool s --archive other",
            "daybook sweep --archive other", 78, "but other is a different one; name the right folder"),
        Case(
            "a folder of something else", after: "mkdir -p s/production/new home && touch home/work",
            "daybook sweep --spool s --archive home", 78, "home contains files but no _daybook.json"),
        Case("no such file of settings", "daybook list --config nowhere", 78, "cannot read nowhere"),
        Case("no such file of signers", "daybook verify --allowed-signers nowhere", 78, "cannot read nowhere"),
        Case(
            "settings that are no JSON", after: "echo archive >c", "daybook list --config c", 78,
            "c: it is not valid JSON"),
        Case(
            "an unknown setting", after: #"echo '{"archiv":"a"}' >c"#, "daybook list --config c", 78,
            #""archiv" is not a setting; did you mean "archive"?"#),
        Case(
            "a bad setting in the environment", "DAYBOOK_REDELIVERY_WINDOW=week daybook sweep", 78,
            #"DAYBOOK_REDELIVERY_WINDOW: "week" is not a time such as"#),
    ]

    @Test(arguments: arguments + missing + configuration)
    func errorsNameTheCauseAndTheRemedy(_ it: Case) throws {
        let bench = try Self.swept()
        #expect(try bench.sh(it.arranging).status == 0)
        func isAny(_ path: String) -> Bool { ["-shm", "-wal", "_sweep.lock"].contains { path.hasSuffix($0) } }
        let before = try Tree(bench.folder, ".", without: isAny)
        try expect(it.command, it.status, it.sentence, bench)
        let after = try Tree(bench.folder, ".", without: isAny)
        #expect(after.differences(from: before) == [])
    }

    private func expect(_ command: String, _ status: Int32, _ sentence: String, _ bench: Workbench) throws {
        let result = try bench.sh(command)
        #expect(result.status == status, "\(result.errors)")
        #expect(result.errors.contains(sentence), "\(result.errors)")
        #expect(result.output.isEmpty)
        if status != 64 { #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)") }
    }

    /// An archive of one event, and one delivery that waits.
    private static func swept() throws -> Workbench {
        let bench = try Workbench()
        try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","total":1250.00}}"#)
        try bench.sweep()
        try bench.receive(#"{"event":"RECORD_DELETED","data":{"business_id":"acme"}}"#)
        return bench
    }

    @Test func aCorruptIndexIsRebuilt() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","total":1250.00}}"#)
            try bench.sweep()
            for harm in [
                "echo garbage >archive/_index.sqlite",
                "dd if=/dev/urandom of=archive/_index.sqlite bs=4096 seek=1 count=30 conv=notrunc",
                "rm -f archive/_index.sqlite* && sqlite3 archive/_index.sqlite 'CREATE TABLE mine (a)'",
            ] {
                for remedy in ["reindex", "sweep"] {
                    #expect(try bench.sh(harm).status == 0)
                    try expect("daybook events", 65, "run `daybook reindex`", bench)
                    #expect(try bench.daybook(remedy).status == 0)
                    try bench.verify()
                }
            }
        }
    }

    @Test func nothingIsServedFromADamagedArchive() throws {
        let bench = try Self.swept()
        let path = try #require(try bench.compressed().first)
        #expect(try bench.sh("printf X | dd of='archive/\(path)' bs=1 seek=60 conv=notrunc").status == 0)
        try expect("daybook get --business acme --day 2025-03-01 -o out", 65, "run `daybook verify`", bench)
        try expect("daybook get --business acme --day 2025-03-01", 65, "run `daybook verify`", bench)
        try expect("daybook events", 65, "1 damaged file or block was skipped: ", bench)
        #expect(try bench.sh("ls -A | grep out").lines == [])
        let verified = try bench.daybook("verify")
        #expect(verified.status == 65 && verified.text.contains(path) && verified.text.contains("→"), "\(verified)")
        // What needs the damaged file waits; the rest of the night is done.
        try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"kora"}}"#)
        let sweep = try bench.sh(
            "daybook sweep --json | jq -c '[.archived, .pending, (.blocked[] | .deliveries, .file)]'")
        #expect(sweep.lines == ["[1,1,1,\"archive/\(path)\"]"], "\(sweep)")
        // The events of others can still be read.
        let others = try bench.sh("daybook events | jq -r .subject; daybook events --business kora | wc -l")
        #expect(others.lines == ["kora", "1"], "\(others)")
        let again = try bench.daybook("sweep")
        let sentence = "daybook: 1 file cannot be used, and 1 delivery stays in the spool: archive/\(path): "
        #expect(again.status == 65 && again.errors.contains(sentence), "\(again)")
        #expect(try bench.spooled().count == 1)
    }

    @Test func aSecondSweepNamesTheHolderOfTheLock() throws {
        try withWorkbench { bench in
            // The archive is there, and nobody's lock file.
            try bench.sweep()
            var first: RunningProgram
            repeat {
                bench.folder.remove("archive/_sweep.lock")
                for number in 0..<1500 {
                    try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":\#(number)}}"#)
                }
                first = try bench.start("\(buildFolder)/daybook", ["sweep", "--threads", "1"])
                // It holds both locks as soon as the archive's names it, and reads for a while then.
                while first.isRunning, (try? bench.folder.read("archive/_sweep.lock"))?.isEmpty ?? true {}
                first.send(SIGSTOP)
                // On a busy machine it may be over by then: another, if so.
                if try bench.sh("flock -n archive/_sweep.lock true").status == 1 { break }
                first.send(SIGCONT)
                #expect(try first.end().status == 0)
            } while true
            defer { first.send(SIGCONT) }
            for command in ["sweep", "reindex"] {
                try expect("daybook \(command)", 75, "is held by a sweep, process \(first.identifier) on ", bench)
            }
            // Readers wait for nobody.
            #expect(try bench.daybook("verify").status != 75)
            first.send(SIGCONT)
            #expect(try first.end().status == 0)
        }
    }

    @Test(arguments: ["tmp", "quarantine"])
    func foldersOnTwoFilesystems(_ name: String) throws {
        let bench = try Workbench()
        let elsewhere = "/dev/shm/daybook-\(UUID().uuidString)"
        defer { _ = try? bench.sh("rm -r \(elsewhere)") }
        let arranged = try bench.sh(
            """
            mkdir \(elsewhere) && [ $(stat -c %d \(elsewhere)) != $(stat -c %d .) ] || exit 1
            rmdir spool/production/\(name) 2>/dev/null; ln -s \(elsewhere) spool/production/\(name)
            """)
        guard arranged.status == 0 else { return print("skipped: /dev/shm is no filesystem of its own here") }
        let sentence = "spool/production/\(name) is on a different filesystem than spool/production/new"
        try expect("daybook sweep", 78, sentence, bench)
        try expect("daybook-receiver --listen 127.0.0.1:0", 78, sentence, bench)
    }

    /// As another user, where the tests run as root: root may do everything.
    @Test(.enabled(if: getuid() != 0 || othersMayRun, "the programs are out of reach for others"))
    func noPermission() throws {
        try withWorkbench { bench in
            try bench.receive(#"{"event":"RECORD_CREATED","data":{"business_id":"acme"}}"#)
            try bench.sweep()
            try bench.receive(#"{"event":"RECORD_DELETED","data":{"business_id":"acme"}}"#)
            let other = getuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : ""
            let remedy = "Permission denied; give this user access to it, or run as the user who owns it"
            #expect(try bench.sh("chmod 700 . && chmod 500 spool archive && chmod 755 .").status == 0)
            for command in ["sweep", "list --archive archive"] {
                try expect("\(other)daybook \(command)", 74, remedy, bench)
            }
            try expect("\(other)daybook-receiver --listen 127.0.0.1:0", 73, remedy, bench)
            try expect("\(other)daybook-receiver --spool archive/new --listen 127.0.0.1:0", 73, remedy, bench)
            #expect(try bench.sh("chmod 700 spool archive").status == 0)
            #expect(try bench.sweep().archived == 1)
        }
    }

    @Test func closedOrFullOutput() throws {
        let bench = try Self.swept()
        try expect("daybook list >/dev/full", 74, "cannot write to stdout: No space left on device", bench)
        #expect(try bench.sh("daybook events | head -c 1").text == "{")
        #expect(try bench.sh("set -e; daybook events | true").errors == "")
    }
}
