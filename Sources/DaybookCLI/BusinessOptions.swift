internal import Archive
internal import ArgumentParser
internal import Configuring
internal import Webhooks

/// Which environment and businesses a command covers.
struct BusinessOptions: ParsableArguments {
    @Option(help: "sandbox or production. (default: both)")
    var environment: Environment?

    @Option(name: .customLong("business"), help: "A business, as payloads name it. Can be repeated.")
    var named: [String] = []

    @Option(
        name: .customLong("businesses"),
        help: ArgumentHelp("A file with a business in each line; - is stdin.", valueName: "file"),
        transform: { try TextFile.lines(of: $0).map(\.line) })
    var listed: [String]?

    @Flag(help: "Events without a business.")
    var unassigned = false

    /// The businesses; none selects all.
    var businesses: [Business] {
        (named + (listed ?? [])).map { Business.named($0) } + (unassigned ? [.unassigned] : [])
    }
}
