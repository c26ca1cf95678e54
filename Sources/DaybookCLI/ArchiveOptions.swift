internal import Archive
internal import ArgumentParser
internal import Configuring

struct ArchiveOptions: ParsableArguments {
    @Option(help: "The archive folder. (default: archive)")
    var archive: String?

    @Option(help: "A JSON file of settings.")
    var config: String?

    func settings() throws -> Settings { try Settings(file: config) }

    func path() throws -> String { try settings().value(.archive, flag: archive, default: "archive") }

    func open() throws -> ArchiveFolder { try ArchiveFolder(path()) }
}
