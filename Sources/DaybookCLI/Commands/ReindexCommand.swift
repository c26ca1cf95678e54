internal import ArgumentParser
internal import Batch

struct ReindexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Rebuild the index from the archive files.",
        discussion:
            "Readers see the old index until the new one is complete. If a file is damaged, the old index remains.")

    @OptionGroup var archive: ArchiveOptions

    func run() throws {
        let progress = ByteProgress()
        try Recovery.reindex(archive.path()) { progress("reading", $0, done: $1, of: $2) }
        say("the index is rebuilt")
    }
}
