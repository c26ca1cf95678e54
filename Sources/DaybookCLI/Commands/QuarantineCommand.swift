internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Foundation
internal import Spool
internal import Webhooks

struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "List, release, and discard deliveries that cannot become events.",
        subcommands: [List.self, Show.self, Release.self, Discard.self])

    struct Entry: Encodable {
        let id, environment, day, time, sha256, reason, state: String
        let size: Int
        let at: Int?
        let by, decided: String?

        init(_ it: QuarantineEntry) {
            id = it.line.id.description
            environment = it.environment.rawValue
            day = it.day.description
            time = it.line.time.description
            sha256 = it.line.hash.description
            reason = it.line.reason
            state = it.state.rawValue
            size = it.line.size
            at = it.line.at
            by = it.decidedBy
            decided = it.decidedAt
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the deliveries in quarantine.")

        @OptionGroup var archive: ReadingOptions
        @OptionGroup var selection: SelectionOptions
        @OptionGroup var json: JSONOption

        @Flag(help: "Include released and discarded deliveries.")
        var all = false

        func run() throws {
            let entries = try IndexDatabase.open(forReadingIn: archive.open()).read {
                try $0.quarantine(selection.selection)
            }.filter { all || $0.state == .held }.map(Entry.init)
            var table = Table(["ID", "ENVIRONMENT", "TIME", "BYTES", "STATE", "REASON"], numeric: [3])
            for it in entries { table.add([it.id, it.environment, it.time, "\(it.size)", it.state, it.reason]) }
            try Output.print(json: json.json ? entries : nil, else: table.text)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print a delivery's payload on stdout, and the reason on stderr.")

        @OptionGroup var archive: ReadingOptions
        @OptionGroup var spool: SpoolOptions
        @OptionGroup var json: JSONOption
        @Argument var id: DeliveryID

        func run() throws {
            let entries = try IndexDatabase.open(forReadingIn: archive.open()).read { try $0.quarantine(id) }
            guard let entry = entries.last else {
                throw Failure(.noInput, "no delivery \(id) was quarantined; see `daybook quarantine list --all`")
            }
            if json.json { return try Output.print(json: Entry(entry), else: "") }
            say("\(entry.line.time) \(entry.environment) \(entry.state.rawValue): \(entry.line.reason)")
            if let at = entry.line.at { say("at byte \(at) of \(entry.line.size)") }
            guard entry.state == .held else { return }
            let part = try SpoolFolder(spool.path(archive.settings())).environment(entry.environment)
            guard let payload = try part?.quarantinedPayload(id) else {
                throw Failure(.noInput, "the payload of \(id) is not in the spool's quarantine")
            }
            var output = Output()
            try output.write(payload)
            try output.flush()
        }
    }

    struct Decision: ParsableArguments {
        @OptionGroup var archive: ArchiveOptions
        @OptionGroup var spool: SpoolOptions

        @Option(help: "The person who decides, as the ledger records it. (default: the user's name)")
        var by: String?

        @Argument(help: "The ids, as `daybook quarantine list` shows them.")
        var ids: [DeliveryID]

        @discardableResult
        func carryOut(_ kind: SweepRecord.Kind, givesNewIDs: Bool = false) throws -> QuarantineDecision.Report {
            try QuarantineDecision(kind, ids, by: by ?? NSUserName(), now: .now, givesNewIDs: givesNewIDs).run(
                spool: spool.path(archive.settings()), archive: archive.path())
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "release", abstract: "Return deliveries to the spool for the next sweep.",
            discussion: """
                A delivery keeps its id, its time of receipt, and its day. If it is in quarantine because its id belongs to \
                another delivery (id-reused), the next sweep quarantines it again, unless it is released with --new-id.
                """)

        @OptionGroup var decision: Decision

        @Flag(help: "Give each delivery a new id. Its time of receipt and its day stay the same.")
        var newID = false

        func run() throws {
            let report = try decision.carryOut(.release, givesNewIDs: newID)
            say("\(decision.ids.count) released; the next sweep takes them")
            for id in report.reusedIDs {
                say(
                    "the next sweep will quarantine \(id) again, since its id belongs to another delivery; "
                        + "then run `daybook quarantine release --new-id` on it")
            }
        }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "discard",
            abstract: "Discard deliveries for good. The ledger keeps their hashes and who decided.")

        @OptionGroup var decision: Decision

        func run() throws {
            try decision.carryOut(.discard)
            say("\(decision.ids.count) discarded")
        }
    }
}
