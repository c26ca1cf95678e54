internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Webhooks

struct SelectionOptions: ParsableArguments {
    @OptionGroup var subject: BusinessOptions

    @Option(help: "The first day: YYYY-MM-DD.")
    var from: CivilDate?

    @Option(help: "The last day: YYYY-MM-DD.")
    var to: CivilDate?

    func validate() throws {
        if let from, let to, to < from { throw ValidationError("--from \(from) is after --to \(to)") }
    }

    var selection: Selection {
        Selection(environment: subject.environment, businesses: subject.businesses, from: from, to: to)
    }

    /// - Throws: ``ValidationError`` if several businesses are selected.
    func requireOneBusiness(_ reason: String) throws {
        guard selection.businesses.count > 1 else { return }
        throw ValidationError("\(reason); give --business or --unassigned once, or neither")
    }
}
