import Foundation
import TestSupport
import Testing

/// What an export holds, that it is a bag, and that ordinary tools check it.
@Suite struct ExportTests {
    let signed: ExportBench

    init() throws { signed = try ExportBench.signed.get() }

    /// By PyPI's `bagit`, and by `check.sh` in both shells.
    private func expectSound(
        _ bag: Bag, signers: String? = nil, _ lines: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let bagit = try bag.bagit()
        #expect(bagit.status == 0, "\(bagit.errors)", sourceLocation: sourceLocation)
        for shell in Bag.shells {
            let result = try bag.check(shell, signers: signers)
            let said = "\(shell): \(result.text)\(result.errors)"
            #expect(result.status == 0 && result.errors == "", "\(said)", sourceLocation: sourceLocation)
            #expect(result.lines.last == "all is as it should be", "\(said)", sourceLocation: sourceLocation)
            for line in lines { #expect(result.lines.contains(line), "\(said)", sourceLocation: sourceLocation) }
        }
    }

    @Test(arguments: ["acme", ExportBench.hostile, ExportBench.long]) func exportsOneBusiness(_ business: String) throws
    {
        let bag = try signed.export("--business", business, "--allowed-signers", signed.bench.folder("allowed"))
        try expectSound(bag)
        // As payloads, lines and paths have them.
        let names = [
            "acme": ["acme"], ExportBench.hostile: ["50%", "+2E.+2F", "%2E.%2F"], ExportBench.long: ["Soci"],
            ExportBench.other: [ExportBench.other, ExportBench.secret, "_unassigned"],
        ]
        let contents = try bag.everything()
        for own in names[business] ?? [] {
            #expect(
                contents.values.contains { $0.firstRange(of: Array(own.utf8)) != nil }, "\(own) is not looked for well")
        }
        for (path, bytes) in contents {
            for other in names.filter({ $0.key != business }).values.joined() {
                #expect(bytes.firstRange(of: Array(other.utf8)) == nil, "\(other) is in \(path)")
            }
        }
        let paths = try bag.folder.files(below: "bag/data")
        #expect(!paths.contains { $0.contains("%") })
        #expect(!paths.contains { $0.wholeMatch(of: #/environment=\w+/_seals/[^/]+\.json/#) != nil })
    }

    @Test func everyFileEqualsTheArchives() throws {
        let bag = try signed.export()
        let folder = try TemporaryDirectory()
        try folder.copy("archive", of: signed.bench.folder)
        let unpacked = try run(
            "bash",
            [
                "-c",
                """
                for e in archive/environment=*; do
                    (cd $e && for t in _seals/*.leaves.tar.gz; do tar -xzf $t && rm $t || exit 1; done) || exit 1
                done
                """,
            ], in: folder.path)
        #expect(unpacked.status == 0, "\(unpacked.errors)")
        let archive = try Tree(folder, "archive").files
        let own = ["data/check.sh", "data/export.json", "data/statement.txt"]
        var count = 0
        for (path, bytes) in try Tree(bag.folder, "bag").files where path.hasPrefix("data/") && !own.contains(path) {
            let path = path.dropFirst(5).replacing("+", with: "%")
            #expect(archive[String(path)] == bytes, "\(path)")
            count += 1
        }
        #expect(count == archive.keys.count { $0.hasPrefix("environment=") })
        // Nothing else would have left a difference between the two: not even a `+` in a name.
        #expect(!archive.keys.contains { $0.contains("+") })
    }

    @Test func exportsAllBusinesses() throws {
        let bag = try signed.export("--allowed-signers", signed.bench.folder("allowed"))
        try expectSound(
            bag,
            [
                "ok    lines: 15 in 12 archives, 3 in 2 ledgers; each payload has its SHA-256",
                "ok    signatures: 6, by auditor@example",
            ])
    }

    @Test func exportsSomeDays() throws {
        for arguments in [["--from", "2025-03-02"], ["--to", "2025-03-01"], ["--environment", "sandbox"]] {
            for business in [["--business", "acme"], ["--unassigned"], []] {
                if business == ["--unassigned"], arguments.contains("sandbox") { continue }
                let bag = try signed.exportList(business + arguments)
                let result = try bag.check()
                #expect(result.status == 0, "\(business) \(arguments): \(result.text)\(result.errors)")
                #expect(try bag.bagit().status == 0)
            }
        }
    }

    @Test func exportsUnassignedEvents() throws {
        let bag = try signed.export("--unassigned")
        try expectSound(bag, signers: signed.bench.folder("allowed"))
        #expect(try bag.everything().values.allSatisfy { $0.firstRange(of: Array(ExportBench.other.utf8)) == nil })
    }

    @Test func unsignedSealsStillChain() throws {
        let bench = try ExportBench.unsigned.get()
        let bag = try bench.export("--business", "acme")
        try expectSound(bag)
        #expect(try bag.check().text.contains("note  no seal is signed"))
        let asked = try bag.check(signers: signed.bench.folder("allowed"))
        #expect(asked.status == 1 && asked.text.contains("is not signed"))
    }

    @Test func signaturesWithoutSignersAreChecked() throws {
        let bag = try signed.export("--business", "acme")
        let result = try bag.check()
        #expect(result.status == 0)
        #expect(result.text.contains("ok    signatures: 6, with ED25519 key SHA256:"), "\(result.text)")
        #expect(result.text.contains("note  no allowed signers were given"), "\(result.text)")
    }

    @Test func theStatementListsDaysAndCounts() throws {
        let bag = try signed.export("--business", "acme")
        let statement = String(decoding: try bag.folder.read("bag/data/statement.txt"), as: UTF8.self)
        #expect(
            statement.contains(
                """
                ENVIRONMENT  DAY         EVENTS  REDELIVERED  SEAL
                production   2025-03-01       2            0  number 4, revision 2, signed
                production   2025-03-02       2            2  number 5, revision 2, signed
                sandbox      2025-03-02       1            0  number 1, signed
                """), "\(statement)")
        #expect(statement.hasPrefix("Webhook deliveries as they were received and kept, of the business \"acme\","))
    }

    @Test func anOpenDayIsNotProven() throws {
        let bench = try Workbench()
        let now = Date.now.formatted(.iso8601)
        try bench.receive(#"{"event":"X","data":{"business_id":"acme","n":1}}"#, at: "2025-03-01T10:00:00Z")
        try bench.receive(#"{"event":"X","data":{"business_id":"acme","n":2}}"#, at: now)
        try bench.receive(#"{"event":"X","data":{"business_id":"acme","n":2}}"#, at: now)
        let result = try bench.sh("daybook sweep && daybook export --business acme -o bag && sh bag/data/check.sh")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.lines.last == "all is as it should be, but 2 files are not proven", "\(result.text)")
        let statement = String(decoding: try bench.folder.read("bag/data/statement.txt"), as: UTF8.self)
        #expect(statement.contains("\(now.prefix(10))       1            1  not yet\n"), "\(statement)")
    }

    @Test func nothingIsOverwritten() throws {
        let folder = try TemporaryDirectory()
        try folder.write([], to: "there/file")
        try folder.write([], to: "there.tar")
        try folder.write([], to: ".half.part/x")
        let before = try Tree(folder, ".")
        func export(_ arguments: String...) throws -> ProgramResult {
            try run(
                "\(buildFolder)/daybook", ["export", "--archive", signed.bench.folder("archive")] + arguments,
                in: folder.path)
        }
        for (path, part) in [
            ("there", "exists and is never"), ("there/", "exists and is never"), ("there.tar", "exists and is never"),
            (".", "exists and is never"),
            ("half", "another export"), ("none/bag", "the folder none does not exist"),
        ] {
            let result = try export("-o", path)
            #expect(result.status == 73 && result.errors.contains(part), "\(path): \(result.errors)")
        }
        for arguments in [["--business", "nobody"], ["--from", "2030-01-01"], ["--allowed-signers", "none"]] {
            let result = try run(
                "\(buildFolder)/daybook",
                ["export", "--archive", signed.bench.folder("archive"), "-o", "new"] + arguments, in: folder.path)
            #expect(result.status == 66, "\(arguments): \(result.errors)")
        }
        #expect(try Tree(folder, ".") == before)
    }

    @Test(arguments: [
        "business=acme/day=2025-03-02/events.ndjson.gz", "_ledger/business=acme/2025-03-02.ndjson.gz",
        "_seals/2025-03-02.sha256", "_seals/2025-03-02.json", "_seals/2025-03-02.leaves.tar.gz",
    ]) func whatIsNotAsPromisedIsNotExported(_ path: String) throws {
        let folder = try TemporaryDirectory()
        try folder.copy("archive", of: signed.bench.folder)
        let changed = "archive/environment=production/\(path)"
        var bytes = try folder.read(changed)
        bytes[bytes.count / 2] ^= 1
        try folder.write(bytes, to: changed)
        for output in ["bag", "bag.tar"] {
            let result = try run("\(buildFolder)/daybook", ["export", "-o", output], in: folder.path)
            #expect(result.status == 65, "\(result.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["archive"])
        }
    }

    @Test func aTarContainsTheSameBag() throws {
        let folder = try TemporaryDirectory()
        let result = try run(
            "sh",
            [
                "-c",
                """
                PATH=/nowhere "$DAYBOOK" export --archive "$ARCHIVE" --json -o acme.tar && tar tf acme.tar > list &&
                    tar xf acme.tar && mv acme bag
                """,
            ],
            in: folder.path,
            environment: ["DAYBOOK": "\(buildFolder)/daybook", "ARCHIVE": signed.bench.folder("archive")])
        try #require(result.status == 0, "\(result.errors)")
        try expectSound(Bag(folder: folder, signers: ""))
        let report: Printed = try result.json()
        #expect(report.archives == 12 && report.events == 15 && report.seals == 6 && report.signatures == 6)
        let files = try folder.files(below: "bag/data")
        #expect(report.files == files.count)
        #expect(try run("grep", ["-c", "^acme/data/", folder("list")]).text == "\(files.count)\n")
        #expect(report.bytes == (try files.reduce(0) { try $0 + folder.read("bag/data/\($1)").count }))
        #expect(try run("sha256sum", [folder("bag/tagmanifest-sha256.txt")]).text.hasPrefix(report.sha256))
    }

    @Test func stdoutReceivesTheBagAsATar() throws {
        let folder = try TemporaryDirectory()
        let result = try run(
            "sh",
            [
                "-c",
                """
                "$DAYBOOK" export --archive "$ARCHIVE" -o - > bag.tar && tar xf bag.tar && mv daybook-export bag
                """,
            ],
            in: folder.path,
            environment: ["DAYBOOK": "\(buildFolder)/daybook", "ARCHIVE": signed.bench.folder("archive")])
        try #require(result.status == 0, "\(result.errors)")
        try expectSound(Bag(folder: folder, signers: ""))
        let json = try run(
            "\(buildFolder)/daybook", ["export", "--archive", signed.bench.folder("archive"), "-o", "-", "--json"])
        #expect(json.status == 64 && json.text.isEmpty, "\(json.errors)")
    }

    private struct Printed: Decodable {
        let archives, events, seals, signatures, files, bytes: Int
        let sha256: String
    }
}
