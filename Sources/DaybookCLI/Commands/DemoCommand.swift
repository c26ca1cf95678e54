internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Glibc
internal import Spool
internal import Verify
internal import Webhooks

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Run a complete example on this machine: receive, retry, sweep, list.",
        discussion: """
            Starts a receiver on a free loopback port, sends it deliveries over HTTP, sweeps them, and shows the result \
            with ordinary tools. Everything is in one folder, which remains for further commands.
            """)

    @Option(help: "The folder for the demo's spool and archive. (default: a new temporary folder)")
    var folder: String?

    func run() async throws {
        let programs = try Self.programs()
        try enterFolder()
        let shell = DemoShell(path: programs)
        shell.say("Everything below really happens, in this folder, which remains.")
        shell.show("cd \(FileManager.default.currentDirectoryPath)")

        let today = CivilDate(daysSinceEpoch: Int(Timestamp.now.milliseconds.floored(by: 86_400_000)))
        let deliveries = DemoDeliveries(today: today)
        try await receive(deliveries, shell)
        try sweep(deliveries, shell)
        try await lookAsAuditor(deliveries, shell)
        try await lookAsAnalyst(shell)
        shell.say(
            """

            To continue by hand:
            $ cd \(FileManager.default.currentDirectoryPath)
            $ PATH=\(programs):$PATH
            $ daybook quarantine list
            $ daybook events --business kora --redeliveries
            $ daybook doctor
            """)
    }

    /// The folder that contains both programs.
    private static func programs() throws -> String {
        let own = Bundle.main.executableURL?.resolvingSymlinksInPath() ?? URL(filePath: CommandLine.arguments[0])
        let folder = own.deletingLastPathComponent()
        guard FileManager.default.isExecutableFile(atPath: folder.appending(path: "daybook-receiver").path) else {
            throw Failure(
                .unavailable, "there is no daybook-receiver beside \(own.path); run `swift build`, which builds both")
        }
        return folder.path
    }

    /// Creates the folder and makes it the current one, so that every command runs with its defaults.
    private func enterFolder() throws {
        let path =
            folder
            ?? FileManager.default.temporaryDirectory.appending(
                path: "daybook-demo-\(String(UInt32.random(in: .min ... .max), radix: 36))"
            ).path
        guard (try? SpoolFolder("\(path)/spool")) == nil else {
            throw Failure(.cantCreate, "\(path) holds a spool already; name a new folder")
        }
        _ = try SpoolFolder.make("\(path)/spool")
        guard chdir(path) == 0 else { throw Failure(.cantCreate, "cannot enter \(path)") }
        // The operator's own settings must not affect the demo.
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("DAYBOOK_") { unsetenv(name) }
    }

    private func receive(_ deliveries: DemoDeliveries, _ shell: DemoShell) async throws {
        shell.title("Receive: each body is on disk before its 200")
        let command = "daybook-receiver --spool spool --listen 127.0.0.1:0"
        shell.show(command)
        let receiver = try DemoReceiver(command, shell)
        shell.say("listening on http://127.0.0.1:\(receiver.port)")
        for group in deliveries.groups {
            let answers = try await DemoSender(port: receiver.port).post(group.bodies, to: group.environment)
            guard answers.allSatisfy({ $0 == 200 }) else {
                throw Failure(.unavailable, "the receiver answered \(answers), not 200 to each")
            }
            shell.say(Self.line(count: answers.count, to: group.environment, group.what))
        }
        try await receiver.stop()
        shell.say("SIGTERM stopped it, with exit code 0. To backfill, files are renamed into new/:")
        try await shell.place(deliveries.backfill)
        try await shell.run("mv spool/production/tmp/*.json spool/production/new/")
    }

    private static func line(count: Int, to environment: Environment, _ what: String) -> String {
        let target = "POST /webhooks/\(environment)".padding(toLength: 26, withPad: " ", startingAt: 0)
        let number = String(repeating: " ", count: count < 10 ? 1 : 0) + "\(count)"
        return "  \(target)  200 × \(number)  \(what)"
    }

    private func sweep(_ deliveries: DemoDeliveries, _ shell: DemoShell) throws {
        shell.title("Sweep: what cron does at night")
        shell.show("daybook sweep")
        try SweepCommand.parse([]).run()
        let days = try IndexDatabase.open(forReadingIn: ArchiveFolder("archive")).read {
            try $0.statistics(Selection()).days
        }
        func sum(_ count: KeyPath<Counts, Int>) -> Int { days.reduce(0) { $0 + $1.counts[keyPath: count] } }
        let found = [sum(\.archived), sum(\.redelivered), sum(\.quarantined)]
        guard found == deliveries.fates, sum(\.received) == deliveries.fates.reduce(0, +) else {
            throw Failure(
                .data, "\(deliveries.fates) were sent as events, retries and broken; the index has \(found)")
        }
    }

    private func lookAsAuditor(_ deliveries: DemoDeliveries, _ shell: DemoShell) async throws {
        let day = deliveries.yesterday
        shell.title("An auditor: one file per business and day, and ordinary tools")
        try await shell.run("daybook list --environment production --from \(day)")
        try await shell.run("daybook get --business kora --day \(day) -o kora.ndjson.gz 2>&1 | fold")
        try await shell.run("zcat kora.ndjson.gz | head -n 1 | fold")
        shell.say("The payload in it, byte for byte as received, has its SHA-256:")
        try await shell.run(
            #"""
            zcat kora.ndjson.gz | sed '1!d; s/,"data":/\n/; s/.*\n//; s/}$//' \
                | head -c -1 | sha256sum
            """#)
        shell.say("The day is sealed, and linked to the day before it:")
        try await shell.run(
            """
            mkdir check && cp -r archive/environment=production/_seals check && cd check
            tar -xzf _seals/\(day).leaves.tar.gz && sha256sum -c _seals/\(day).sha256 | tail -n 3
            """)
    }

    private func lookAsAnalyst(_ shell: DemoShell) async throws {
        shell.title("An analyst: through the index, block by block")
        try await shell.run("daybook events --type NEW_TRANSACTION_CREATED --csv | cut -d , -f 2,4,6")
        shell.say("Numbers keep their digits, even beyond 2^53:")
        try await shell.run(#"daybook events --business 4711 | grep -o '"batch":[0-9]*'"#)
        try await shell.run("daybook stats --environment production | tail -n 4")
        shell.say("Both can check at any time that every hash, link, and count is as promised:")
        try await shell.run("daybook verify 2>&1 | fold -s")
        // A pipeline's exit status is that of its last command only.
        let findings = try Verification(ArchiveFolder("archive"), Selection()).run().findings
        guard findings.isEmpty else { throw Failure(.data, "\(findings.count) things are not as promised") }
    }
}
