internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Webhooks

struct SelectionOptions: ParsableArguments {
    @Option(help: "sandbox or production. (default: both)")
    var environment: Environment?

    @Option(help: "The business, as payloads name it.")
    var business: String?

    @Flag(help: "Events without a business.")
    var unassigned = false

    @Option(help: "The first day: YYYY-MM-DD.")
    var from: CivilDate?

    @Option(help: "The last day: YYYY-MM-DD.")
    var to: CivilDate?

    func validate() throws {
        if unassigned, business != nil { throw ValidationError("--business and --unassigned exclude each other") }
        if let from, let to, to < from { throw ValidationError("--from \(from) is after --to \(to)") }
    }

    var selection: Selection {
        Selection(
            environment: environment, business: unassigned ? .unassigned : business.map { .named($0) }, from: from,
            to: to)
    }
}
