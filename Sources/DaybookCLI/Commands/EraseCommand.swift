internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Parallel
internal import Webhooks

struct EraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Erase events, or everything of a business, on record.",
        discussion: """
            Without --yes, nothing is erased: what would be is counted. Each line becomes a tombstone, which keeps its \
            number, and the SHA-256 of the line and of its payload. So the original seals still prove every other line, and \
            a later delivery of the event is a redelivery. The names of businesses and event types remain. Copies and \
            evidence bundles that were made before still have the payloads: the record lists the SHA-256 of each file that \
            held them. Ends with 77 if a hold covers any of it.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var decision: DeciderOptions
    @OptionGroup var json: JSONOption

    @Option(help: "The id of an event. Can be repeated.")
    var id: [DeliveryID] = []

    @Flag(help: "Erase.")
    var yes = false

    func validate() throws {
        let hasBusiness = !selection.selection.businesses.isEmpty
        if hasBusiness == !id.isEmpty {
            throw ValidationError("give either --business B, or --unassigned, or --id ID")
        }
        if !id.isEmpty, selection.from != nil || selection.to != nil {
            throw ValidationError("--id excludes --from and --to")
        }
    }

    func run() throws {
        let target: Erasure.Target =
            id.isEmpty ? .business(selection.selection) : .events(id, selection.subject.environment)
        let progress = Progress()
        let pipeline = try archive.settings().pipeline()
        let report = try Erasure(archive.path(), target, decision.decider, acts: yes, pipeline: pipeline) { point in
            switch point {
            case .staging(let path): progress("writing \(path)")
            case .publishing(let path): progress("publishing \(path)")
            case .sealing(let environment, let day): progress("sealing \(environment) \(day)")
            default: break
            }
        }.run()
        try Output.print(json: json.json ? report : nil, else: "")
        let redeliveries =
            report.redeliveries == 0
            ? "" : " and \(Display.count(report.redeliveries, "redelivery", plural: "redeliveries")) that differ"
        let what =
            "\(Display.count(report.events, "event"))\(redeliveries), in \(Display.count(report.files, "file")) "
            + "of \(Display.count(report.days, "day"))"
        guard let record = report.record else {
            return say("\(what) would be erased; run this again with --yes")
        }
        say("\(what), erased by record \(record)")
        for path in report.unsealed { say("a day is not sealed again yet, since \(path) is damaged") }
    }
}
