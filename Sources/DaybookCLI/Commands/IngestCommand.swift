internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Foundation
internal import Ingest
internal import Spool
internal import Webhooks

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Put history from elsewhere into the spool, for the next sweep.",
        discussion: """
            A file has one payload on each line, or is one JSON array of payloads; a folder has one in each file. Files may be \
            compressed with gzip or zstd. With --payload, each item is a wrapper that has the payload as one of its values: a \
            JSON value byte for byte, or the characters of a string.

            --time is where the time of receipt comes from: a JSON pointer into the item, the file's name, the file's \
            modification time (file), or one time for all. A time needs an offset; 10 digits are seconds since 1970, 13 milliseconds.

            The sweep treats the deliveries like those that were received, by the same rules, and each keeps the name of its \
            file and its line in the header daybook-ingest. Items that the spool or the archive already has are skipped, so the \
            command can be repeated, also after an interruption. Items of equal payload, time, and headers are one delivery.

            With --dry-run, nothing is stored: a line of JSON for each item shows what the next sweep would make of it if the \
            spool were empty.

            Ends with 65 if an item cannot become a delivery; the others are stored.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var spool: SpoolOptions
    @OptionGroup(title: "Payload rules, for --dry-run") var rules: RuleOptions
    @OptionGroup var json: JSONOption

    @Option(help: "sandbox or production.")
    var environment: Environment

    @Option(
        help: ArgumentHelp("Where the time of receipt is: a JSON pointer, name, file, or a time.", valueName: "source"))
    var time: ReceiptTime

    @Option(help: "A JSON pointer to the payload in each item. (default: the item is the payload)")
    var payload: JSONPointer?

    @Option(help: "A JSON pointer to the request headers in each item, an object of strings.")
    var headers: JSONPointer?

    @Option(
        help:
            "How a file has its items: lines, array, or whole. (default: whole in a folder, else by the first character)"
    )
    var form: History.Form?

    @Flag(help: "Show what would become of each item, and store nothing.")
    var dryRun = false

    @Argument(help: "Files and folders; - is stdin.")
    var files: [String]

    func run() throws {
        let settings = try archive.settings()
        let reader = ItemReader(time: time, payload: payload, headers: headers, now: .now)
        let history = History(files, form: form, reader: reader)
        var rejections = Rejections()
        let index = try openIndex()
        if dryRun {
            try forecast(history, index, settings, &rejections)
        } else {
            let folder = try SpoolFolder.make(spool.path(settings))
            let progress = Progress()
            let run = IngestRun(history, into: folder, environment) { id, hash in
                guard let index else { return false }
                let known = try index.read { try $0.known(id, in: environment) }
                return known.map { $0.hash == hash && $0.outcome != .released } ?? false
            }
            let report = try run.run {
                rejections.add($0, $1)
            } progress: {
                progress("\($0.read) read, \($0.stored) stored")
            }
            try Output.print(json: json.json ? report : nil, else: "")
            say(
                "\(Display.count(report.read, "item")): \(report.stored) stored, \(report.spooled) in the spool already, "
                    + "\(report.archived) in the archive already, \(report.rejected) rejected")
        }
        try rejections.throwIfAny()
    }

    /// The items that cannot become deliveries.
    private struct Rejections {
        private var count = 0
        private var first = ""

        mutating func add(_ source: String, _ reason: String) {
            if count == 0 {
                first = "\(source): \(reason)"
            } else if count < 20 {
                say("daybook: warning: \(source): \(reason)")
            }
            count += 1
        }

        func throwIfAny() throws {
            guard count > 0 else { return }
            throw Failure(.data, "\(Display.count(count, "item")) cannot become a delivery: \(first)")
        }
    }

    /// Opens the index, or returns `nil` if the spool was not swept yet.
    private func openIndex() throws -> IndexDatabase? {
        do {
            return try IndexDatabase.open(forReadingIn: archive.open())
        } catch ArchiveError.noArchive {
            return nil
        } catch IndexError.missing {
            return nil
        }
    }

    /// A line of the forecast.
    private struct Line: Encodable {
        let source, id, time, day, outcome: String
        var business: String?
        var of: String?
        var reason: String?
    }

    private func forecast(
        _ history: History, _ index: IndexDatabase?, _ settings: Settings, _ rejections: inout Rejections
    ) throws {
        var configuration = Sweep.Configuration(spool: "", archive: "")
        try rules.apply(to: &configuration, settings)
        let parser = DeliveryParser(environment, configuration)
        let forecast = try SweepForecast()
        var portion: [SweepForecast.Delivery] = []
        func add() throws {
            try forecast.add(portion)
            portion = []
        }
        try history.forEach { item in
            portion.append(try parser.delivery(of: item))
            if portion.count == 1024 { try add() }
        } rejected: {
            rejections.add($0, $1)
        }
        try add()
        guard let index else { return try show(forecast, nil, configuration) }
        try index.read { try show(forecast, $0, configuration) }
    }

    private func show(_ forecast: SweepForecast, _ snapshot: IndexSnapshot?, _ configuration: Sweep.Configuration)
        throws
    {
        let calendar = try snapshot == nil ? DayCalendar(timeZone: "UTC") : archive.open().calendar
        guard let calendar else { throw Failure(.configuration, "the time zone UTC is not known to this machine") }
        var output = Output()
        var counts: [String: Int] = [:]
        try forecast.forEachOutcome(
            in: environment, within: configuration.redeliveryWindow, snapshot, calendar: calendar
        ) { delivery, outcome in
            var line = Line(
                source: delivery.source, id: delivery.id.description, time: delivery.time.description,
                day: calendar.day(of: delivery.time).description, outcome: outcome.name)
            switch outcome {
            case .event(let business): line.business = business.description
            case .redelivery(let id): line.of = id.description
            case .quarantine(let reason): line.reason = reason
            case .pruned(let record): line.reason = "its day was pruned by record \(record)"
            case .archived, .repeated: break
            }
            counts[outcome.name, default: 0] += 1
            try output.write(json: line)
            try output.write("\n")
        }
        try output.flush()
        func count(_ outcome: String, _ words: (Int) -> String) -> String? { counts[outcome].map(words) }
        let words = [
            count("event") { Display.count($0, "event") },
            count("redelivery") { Display.count($0, "redelivery", plural: "redeliveries") },
            count("quarantine") { "\($0) quarantined" }, count("archived") { "\($0) in the archive already" },
            count("repeated") { "\($0) repeated" }, count("pruned") { "\($0) of days that were pruned" },
        ].compactMap(\.self)
        say(
            "the next sweep would make of it: \(words.isEmpty ? "nothing" : words.joined(separator: ", ")); nothing was stored"
        )
    }
}

extension SweepForecast.Outcome {
    /// The outcome in one word.
    fileprivate var name: String {
        switch self {
        case .event: "event"
        case .redelivery: "redelivery"
        case .quarantine: "quarantine"
        case .archived: "archived"
        case .repeated: "repeated"
        case .pruned: "pruned"
        }
    }
}

extension DeliveryParser {
    /// Parses an item as the sweep would parse its entry.
    fileprivate func delivery(of item: HistoryItem) throws -> SweepForecast.Delivery {
        let contents = EnvironmentSpool.Contents(of: item.payload, headers: try item.sidecar())
        let id = try item.id(in: environment)
        let content: SweepForecast.Delivery.Content
        do throws(Rejection) {
            let line = try line(id: id, time: item.time, contents)
            content = .event(line.business, line.fingerprint, replayed: Self.replayedEvent(line))
        } catch {
            content = .rejected(reason: error.reason)
        }
        return SweepForecast.Delivery(
            id: id, time: item.time, hash: contents.hash, source: item.source, content: content)
    }
}

extension ReceiptTime: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension History.Form: ExpressibleByArgument {}
