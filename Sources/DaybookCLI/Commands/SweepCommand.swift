internal import Archive
internal import ArgumentParser
internal import Batch
internal import Configuring
internal import Foundation
internal import Webhooks

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Move the spool into the archive.",
        discussion: """
            If a sweep is interrupted, the next one completes or undoes it. A delivery that cannot become an event is \
            quarantined with the reason, which is not a failure. If a file of the archive is damaged, the deliveries that \
            need it stay in the spool, everything else proceeds, and the exit code is 65. A damaged index is rebuilt. A spool \
            that is too large for one commit is swept in several, in the order of receipt, each under its own number.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var spool: SpoolOptions
    @OptionGroup var json: JSONOption
    @OptionGroup(title: "Payload rules") var rules: RuleOptions

    @Option(help: "The IANA time zone that days are computed in. Fixed when the archive is created. (default: UTC)")
    var timeZone: String?

    @Option(help: "An ssh-keygen key that signs each new seal, and earlier seals without a signature.")
    var signKey: String?

    @Option(help: "The number of threads that read and compress. (default: one for each core)")
    var threads: Int?

    func run() throws {
        let settings = try archive.settings()
        var configuration = Sweep.Configuration(spool: try spool.path(settings), archive: try archive.path())
        configuration.timeZone = try settings.value(.timeZone, flag: timeZone)
        configuration.signKey = try settings.value(.signKey, flag: signKey)
        configuration.threads = try settings.threads(flag: threads)
        try rules.apply(to: &configuration, settings)
        let progress = Progress()
        let pace = Pace()
        let report = try Sweep(configuration, now: .now) { point in
            switch point {
            case .deciding(let done, let total):
                progress("reading \(done) of \(total)\(pace.words(done, of: total) { "\($0)" })")
            case .staging(let path): progress("writing \(path)")
            case .publishing(let path): progress("publishing \(path)")
            case .sealing(let environment, let day): progress("sealing \(environment) \(day)")
            default: break
            }
        }.run()
        try Output.print(json: json.json ? report.summary : nil, else: "")
        report.explain(inFull: !json.json)
        if let first = report.blocked.first {
            let deliveries = report.blocked.reduce(0) { $0 + $1.deliveries }
            throw Failure(
                .data,
                "\(Display.count(report.blocked.count, "file")) cannot be used, and "
                    + "\(Display.count(deliveries, "delivery stays", plural: "deliveries stay")) in the spool: "
                    + "\(first.file): \(first.cause); \(first.remedy)")
        }
        if let first = report.unreadable.first {
            throw Failure(
                .ioError,
                "\(Display.count(report.unreadable.count, "delivery stays", plural: "deliveries stay")) in the spool: \(first)"
            )
        }
    }
}

extension SweepReport {
    /// Prints a summary for a person.
    fileprivate func explain(inFull: Bool) {
        for sentence in odd { say("daybook: warning: \(sentence)") }
        for file in blocked.dropFirst() { say("daybook: warning: \(file.file): \(file.cause); \(file.remedy)") }
        if rebuiltIndex {
            say("daybook: the index was missing, damaged, or older than the archive, and was rebuilt from the files")
        }
        if let recovered { say("daybook: sweep \(recovered.sweep) had been interrupted, and was completed") }
        guard inFull else { return }
        let summary = summary
        guard let number = summary.sweep else { return say("nothing to sweep") }
        var table = Table(
            ["", "DAY", "RECEIVED", "ARCHIVED", "REDELIVERED", "QUARANTINED"], numeric: [2, 3, 4, 5])
        for day in summary.days {
            table.add(
                ["\(day.environment)", day.day]
                    + [day.received, day.archived, day.redelivered, day.quarantined].map(String.init))
        }
        let numbers = summary.commits == 1 ? "sweep \(number)" : "sweeps \(number - summary.commits + 1) to \(number)"
        say(
            "\(numbers): \(summary.received) received = \(summary.archived) archived + \(summary.redelivered) redelivered "
                + "+ \(summary.quarantined) quarantined\n\(table.text)"
                + "\(Display.size(summary.bytes)) of payloads, \(Display.size(summary.compressed)) compressed, "
                + "\(summary.seconds ?? 0) s; \(Display.count(sealed.count, "day")) sealed, \(pending) pending")
    }
}
