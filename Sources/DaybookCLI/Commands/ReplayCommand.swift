internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Glibc
internal import Replay
internal import Webhooks

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Deliver events of the archive again.",
        discussion: """
            Each event is posted to the URL of --to, or fed to the standard input of the command of --exec: the payload, byte \
            for byte, with the headers that were kept. The events of a business are sent in the order of the archive, each once \
            the one before is acknowledged; --concurrency businesses are served at the same time.

            Only a 2xx status acknowledges an event. After 408, 425, 429, 5xx, or no answer, it is sent again, with growing \
            delays or when Retry-After asks for it. After another status it is given up, and the later events of its \
            business are held, unless --skip-failed is given. A redirect, a 410, an untrusted certificate, or many failures \
            in a row end the replay.

            The journal records each acknowledgement as it arrives. The same command with --resume sends what has not been \
            acknowledged, also what was given up, and nothing else. What later sweeps archive is not part of the replay.

            Requests have the headers Daybook-Replay, with the id of the run, Daybook-Event, with the id of the event, and \
            webhook-id. A daybook-receiver stores them, and the sweep records each as a redelivery of its event.

            --environment has to be given, since production and sandbox never have the same target. On SIGINT, SIGTERM, or \
            SIGHUP, what is being sent is sent to its end, and the exit code is 75; a second signal ends the program at once.

            Ends with 69 if any event was not acknowledged.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var subject: BusinessOptions

    @Option(help: "The first day: YYYY-MM-DD.")
    var from: CivilDate?

    // (--to is the target.)
    @Option(help: "The last day: YYYY-MM-DD.")
    var until: CivilDate?

    @OptionGroup var filter: FilterOptions
    @OptionGroup var condition: ConditionOption
    @OptionGroup(title: "Proof of the sender") var sender: ReplaySenderOptions
    @OptionGroup var json: JSONOption

    @Option(help: ArgumentHelp("The URL to post to.", valueName: "url"))
    var to: String?

    @Option(help: ArgumentHelp("The shell command that gets each payload on its standard input.", valueName: "command"))
    var exec: String?

    @Option(help: "The file that records what was acknowledged.")
    var journal = "replay.sqlite"

    @Flag(help: "Go on with the replay of the journal.")
    var resume = false

    @Flag(help: "Print how many events would be sent, and send none.")
    var dryRun = false

    @Option(help: "The most requests in a second. (default: no limit)")
    var rate: Double?

    @Option(help: "The number of businesses that are served at the same time, from 1 to 256.")
    var concurrency = 4

    @Option(help: "How often an event is sent again before it is given up.")
    var retries = 8

    @Option(help: "The delay before the second attempt. It doubles with each further one.")
    var retryDelay = TimeSpan(milliseconds: 500)

    @Option(help: "The longest time to wait for an answer, or for a command to end.")
    var timeout = TimeSpan.seconds(30)

    @Flag(help: "Go on with a business after one of its events was given up.")
    var skipFailed = false

    @Flag(help: "Allow loopback, link-local, and private addresses.")
    var allowPrivate = false

    @Option(help: "A PEM file of certificates to trust besides those of the system.")
    var trust: String?

    @Option(help: "A file of headers to add to each request, such as Authorization: Bearer …, one on each line.")
    var headerFile: String?

    func validate() throws {
        if (to == nil) == (exec == nil) { throw ValidationError("give either --to or --exec") }
        if let from, let until, until < from { throw ValidationError("--from \(from) is after --until \(until)") }
        if subject.environment == nil {
            throw ValidationError("give --environment: production and sandbox are never sent to the same target")
        }
        if let rate, !(0.001...1_000_000 ~= rate) {
            throw ValidationError("--rate \(rate) is not from 0.001 to 1000000")
        }
        if exec?.allSatisfy(\.isWhitespace) == true { throw ValidationError("--exec is empty; give a command") }
        if journal.isEmpty { throw ValidationError("--journal is empty; give the name of a file") }
        if !(1...256).contains(concurrency) {
            throw ValidationError("--concurrency \(concurrency) is not from 1 to 256")
        }
        if retries < 0 { throw ValidationError("--retries \(retries) is less than 0") }
        if timeout.milliseconds < 1 { throw ValidationError("--timeout \(timeout) is too short") }
        if exec != nil, sender.isUsed || allowPrivate || trust != nil || headerFile != nil {
            throw ValidationError("--exec excludes --auth, --allow-private, --trust, and --header-file")
        }
        if dryRun, resume { throw ValidationError("--dry-run excludes --resume") }
    }

    private var selection: Selection {
        Selection(environment: subject.environment, businesses: subject.businesses, from: from, to: until)
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let opened = try archive.open()
        let index = try IndexDatabase.open(forReadingIn: opened)
        var query = filter.query(selection)
        query.condition = try condition.condition()
        let last = try index.read { try $0.lastPublishedSweep() }
        query.sweeps.through = min(query.sweeps.through ?? last, last)
        let target = try target()
        do {
            try await replay(query, in: opened, index, to: target)
        } catch {
            try? await target.close()
            throw error
        }
        try await target.close()
    }

    private func replay(
        _ query: EventQuery, in opened: ArchiveFolder, _ index: IndexDatabase, to target: ReplayTarget
    ) async throws {
        if dryRun { return try await countEvents(of: query, in: opened, index, target) }
        let journal = try openJournal(query, of: opened, target)
        var query = query
        query.sweeps.through = journal.header.lastSweep
        let source = ReplaySource(query, in: opened, index)
        var configuration = ReplayRun.Configuration()
        (configuration.concurrency, configuration.rate, configuration.skipsFailed) = (concurrency, rate, skipFailed)
        (configuration.retryPolicy.retries, configuration.retryPolicy.firstDelay) = (retries, retryDelay.duration)
        let progress = SharedProgress()
        let run = ReplayRun(source, to: target, journal: (journal, self.journal), configuration)
        let signals = StopSignals { run.stop() }
        defer { signals.restore() }
        let (report, end) = try await run.run { sent in progress("\(sent) acknowledged") }
        try journal.close()
        try Output.print(json: json.json ? report : nil, else: "")
        try conclude(report, source.skippedSoFar, end)
    }

    private func openJournal(
        _ query: EventQuery, of opened: ArchiveFolder, _ target: ReplayTarget
    ) throws -> ReplayJournal {
        let selected = try filter.words(selection, where: condition.text)
        guard !resume else {
            return try ReplayJournal.resume(
                journal, archive: opened.identity.archive, target: target.text, selected: selected)
        }
        let now = Timestamp.now
        let run = DeliveryID(nanoseconds: UInt64(now.milliseconds) * 1_000_000, random: .random(in: .min ... .max))
        let header = ReplayJournal.Header(
            run: run.description, archive: opened.identity.archive, target: target.text, selected: selected,
            lastSweep: query.sweeps.through ?? 0)
        return try ReplayJournal.make(journal, header, at: now)
    }

    private func target() throws -> ReplayTarget {
        if let exec { return .program(ProgramTarget(exec, timeout: timeout.duration)) }
        var configuration = HTTPTarget.Configuration(
            try TargetURL(to ?? ""), program: "Daybook/\(Daybook.configuration.version)")
        configuration.allowsPrivate = allowPrivate
        configuration.authenticator = try sender.authenticator()
        configuration.headers = try headerFile.map(ReplaySenderOptions.headers) ?? []
        configuration.trustedCertificates = trust
        (configuration.timeout, configuration.connections) = (timeout.duration, concurrency)
        return .url(try HTTPTarget(configuration))
    }

    private struct Forecast: Encodable {
        var target: String
        var address: String?
        var events = 0
        var bytes = 0
    }

    private func countEvents(
        of query: EventQuery, in opened: ArchiveFolder, _ index: IndexDatabase, _ target: ReplayTarget
    ) async throws {
        var forecast = Forecast(target: target.name)
        if case .url(let target) = target { forecast.address = target.address }
        var damage = ReplaySource.Skipped()
        let cost = try query.run(in: opened, index, pipeline: archive.settings().pipeline()) { error in
            if damage.damaged == 0 { damage.firstDamage = "\(error)" }
            damage.damaged += 1
        } _: { found, _ in
            forecast.events += 1
            forecast.bytes += try EventLine(found.line).payload.count
        }
        damage.gone = cost.gone
        try Output.print(json: json.json ? forecast : nil, else: "")
        let address = forecast.address.map { " at \($0)" } ?? ""
        say(
            "would send \(Display.count(forecast.events, "event")), \(Display.size(forecast.bytes)), to \(target.name)\(address)"
        )
        try Self.conclude(damage)
    }

    private func conclude(_ report: ReplayReport, _ skipped: ReplaySource.Skipped, _ end: ReplayError?) throws {
        let before = report.acknowledgedBefore > 0 ? ", \(report.acknowledgedBefore) before" : ""
        let rate = report.seconds > 0 ? ", \(Int(Double(report.acknowledged) / report.seconds)) a second" : ""
        say(
            "replay \(report.run): \(Display.count(report.acknowledged, "event")) acknowledged\(before), \(report.failed) given up; "
                + "\(Display.count(report.retries, "retry", plural: "retries")), \(Display.size(report.bytes))\(rate)")
        for failure in report.failures.prefix(10) {
            say(
                "daybook: warning: \(failure.id) of \(VisibleText.quoted(failure.business ?? "_unassigned")) was given up: "
                    + "\(target(ofMessages: report)) \(failure.cause)")
        }
        if report.heldBusinesses > 0 {
            say(
                "the later events of \(Display.count(report.heldBusinesses, "business", plural: "businesses")) were held, to keep "
                    + "their order; --skip-failed sends them")
        }
        try Self.conclude(skipped)
        if let end { throw end }
        if report.failed > 0 {
            throw Failure(
                .unavailable,
                "\(Display.count(report.failed, "event was", plural: "events were")) given up; the table failures of the journal "
                    + "\(report.journal) lists them, and --resume sends them again")
        }
    }

    private func target(ofMessages report: ReplayReport) -> String { exec == nil ? report.target : "the command" }

    private static func conclude(_ skipped: ReplaySource.Skipped) throws {
        if skipped.gone > 0 { say("\(Display.count(skipped.gone, "event")) left out: erased, or lost and salvaged") }
        if skipped.damaged > 0 {
            throw Failure(
                .data,
                "\(Display.count(skipped.damaged, "damaged file or block was", plural: "damaged files or blocks were")) skipped: "
                    + skipped.firstDamage)
        }
    }
}
