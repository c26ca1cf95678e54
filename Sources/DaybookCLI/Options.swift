internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Webhooks

struct ArchiveOptions: ParsableArguments {
    @Option(help: "The archive folder. (default: archive)")
    var archive: String?

    @Option(help: "A JSON file of settings.")
    var config: String?

    func settings() throws -> Settings { try Settings(file: config) }

    func path() throws -> String { try settings().value(.archive, flag: archive, default: "archive") }

    func open() throws -> ArchiveFolder { try ArchiveFolder(path()) }
}

struct SpoolOptions: ParsableArguments {
    @Option(help: "The spool folder. (default: spool)")
    var spool: String?

    func path(_ settings: Settings) throws -> String { try settings.value(.spool, flag: spool, default: "spool") }
}

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

struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON on stdout.")
    var json = false
}

extension Environment: ExpressibleByArgument {}

extension CivilDate: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension DeliveryID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument.lowercased()) }
}

extension JSONPointer: ExpressibleByArgument {
    package init?(argument: String) { try? self.init(argument) }
}

extension BusinessRule: ExpressibleByArgument {
    package init?(argument: String) { try? self.init(argument) }
}
