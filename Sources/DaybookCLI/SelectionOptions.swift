internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Webhooks

struct SelectionOptions: ParsableArguments {
    @Option(help: "sandbox or production. (default: both)")
    var environment: Environment?

    @Option(name: .customLong("business"), help: "A business, as payloads name it. Can be repeated.")
    var businesses: [String] = []

    @Option(
        name: .customLong("businesses"),
        help: ArgumentHelp("A file with a business in each line; - is stdin.", valueName: "file"),
        transform: { try TextFile.lines(of: $0).map(\.line) })
    var listedBusinesses: [String]?

    @Flag(help: "Events without a business.")
    var unassigned = false

    @Option(help: "The first day: YYYY-MM-DD.")
    var from: CivilDate?

    @Option(help: "The last day: YYYY-MM-DD.")
    var to: CivilDate?

    func validate() throws {
        if let from, let to, to < from { throw ValidationError("--from \(from) is after --to \(to)") }
    }

    var selection: Selection {
        let named = (businesses + (listedBusinesses ?? [])).map { Business.named($0) }
        return Selection(
            environment: environment, businesses: named + (unassigned ? [.unassigned] : []), from: from, to: to)
    }

    /// - Throws: ``ValidationError`` if several businesses are selected.
    func requireOneBusiness(_ reason: String) throws {
        guard selection.businesses.count > 1 else { return }
        throw ValidationError("\(reason); give --business or --unassigned once, or neither")
    }
}
