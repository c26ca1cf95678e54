internal import Archive
internal import ArgumentParser
internal import Configuring

/// The options of commands that only read the archive, which may be a copy.
struct ReadingOptions: ParsableArguments {
    @OptionGroup var archive: ArchiveOptions

    @Option(
        help: ArgumentHelp(
            "For a copy of an archive: a file with its index, which is built there if it is missing or of another state.",
            valueName: "file"))
    var index: String?

    func settings() throws -> Settings { try archive.settings() }

    func open() throws -> ArchiveFolder {
        var opened = try archive.open()
        opened.separateIndex = index
        return opened
    }
}
