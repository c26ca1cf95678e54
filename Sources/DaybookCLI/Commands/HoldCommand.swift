internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Webhooks

struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Add, list, and release holds: what must be neither pruned nor erased.",
        subcommands: [List.self, Add.self, Release.self])

    private struct Entry: Encodable {
        let hold: Int
        let environment, business, from, to: String?
        let unassigned: Bool
        let by, reason, at: String
        let releasedBy, releaseReason, releasedAt: String?

        init(_ it: IndexedHold) {
            hold = it.number
            environment = it.selection.environment?.rawValue
            business = it.selection.businesses.first?.name
            unassigned = it.selection.businesses.first == .unassigned
            from = it.selection.from?.description
            to = it.selection.to?.description
            (by, reason, at) = (it.decision.by, it.decision.reason, it.decision.at)
            (releasedBy, releaseReason, releasedAt) = (it.released?.by, it.released?.reason, it.released?.at)
        }

        enum CodingKeys: String, CodingKey {
            case hold, environment, business, unassigned, from, to, by, reason, at
            case releasedBy = "released_by"
            case releaseReason = "release_reason"
            case releasedAt = "released_at"
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the holds.")

        @OptionGroup var archive: ReadingOptions
        @OptionGroup var json: JSONOption

        @Flag(help: "Include released holds.")
        var all = false

        func run() throws {
            let holds = try IndexDatabase.open(forReadingIn: archive.open()).read { try $0.holds(all: all) }
            var table = Table(["HOLD", "ENVIRONMENT", "BUSINESS", "FROM", "TO", "BY", "SINCE", "REASON"], numeric: [0])
            for it in holds {
                let selection = it.selection
                table.add([
                    "\(it.number)", selection.environment?.rawValue ?? "both",
                    selection.businesses.first?.description ?? "all", selection.from?.description ?? "",
                    selection.to?.description ?? "", it.decision.by, String(it.decision.at.prefix(10)),
                    it.decision.reason + (it.released.map { "; released by \($0.by): \($0.reason)" } ?? ""),
                ])
            }
            try Output.print(json: json.json ? holds.map(Entry.init) : nil, else: table.text)
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add a hold on what is selected, and print its number.",
            discussion: "Without a selection, it covers the whole archive.")

        @OptionGroup var archive: ArchiveOptions
        @OptionGroup var selection: SelectionOptions
        @OptionGroup var decision: DeciderOptions

        func validate() throws { try selection.requireOneBusiness("a hold covers one business or all") }

        func run() throws {
            let number = try HoldDecision(archive.path(), decision.decider).add(selection.selection)
            try Output.print(json: Int?.none, else: "\(number)\n")
            say("hold \(number) added; release it with `daybook hold release \(number)`")
        }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "release", abstract: "Release a hold.")

        @OptionGroup var archive: ArchiveOptions
        @OptionGroup var decision: DeciderOptions

        @Argument(help: "The number, as `daybook hold list` shows it.")
        var hold: Int

        func run() throws {
            let record = try HoldDecision(archive.path(), decision.decider).release(hold)
            say("hold \(hold) released by record \(record)")
        }
    }
}
