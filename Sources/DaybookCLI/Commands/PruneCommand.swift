internal import Archive
internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Webhooks

struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove the files of whole sealed days, on record.",
        discussion: """
            Without --yes, nothing is removed: what would be is printed. Archive files and ledgers go; seals, leaves and \
            counts stay, so it remains provable that a day was sealed with these counts. Days that are not sealed, or have \
            deliveries in quarantine, are kept. Ends with 77 if a hold covers any of it, or if redeliveries of its events \
            may still come.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var decision: DeciderOptions
    @OptionGroup var json: JSONOption

    @Option(help: "The day after the last one to prune: YYYY-MM-DD.")
    var before: CivilDate

    @Option(help: "sandbox or production. (default: both)")
    var environment: Environment?

    @Option(help: "As for `daybook sweep`. (default: 7d)")
    var redeliveryWindow: TimeSpan?

    @Flag(help: "Prune.")
    var yes = false

    func run() throws {
        let settings = try archive.settings()
        let window = try settings.value(.redeliveryWindow, flag: redeliveryWindow).map { Int64($0.milliseconds) }
        let progress = Progress()
        let report = try Pruning(
            archive.path(), before: before, in: environment,
            redeliveryWindow: window ?? Sweep.Configuration.defaultRedeliveryWindow, decision.decider, acts: yes
        ) { point in
            if case .publishing(let path) = point { progress("removing \(path)") }
        }.run()
        var table = Table(["ENVIRONMENT", "DAY", "FILES", "EVENTS", "SIZE"], numeric: [2, 3, 4])
        for day in report.days {
            table.add([
                "\(day.environment)", day.day, Display.number(day.files), Display.number(day.events),
                Display.size(day.bytes),
            ])
        }
        try Output.print(json: json.json ? report : nil, else: table.text)
        for it in report.kept { say("\(it.environment) \(it.day) is kept: \(it.cause)") }
        let what = "\(Display.count(report.days.count, "day")) with \(Display.count(report.files, "file"))"
        guard let record = report.record else { return say("\(what) would be pruned; run this again with --yes") }
        say("\(what), pruned by record \(record)")
    }
}
