internal import ArchiveIndex
internal import ArgumentParser
internal import Batch
internal import Configuring

struct ReindexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Rebuild the index from the archive files.",
        discussion:
            """
            Readers see the old index until the new one is complete. What is damaged is skipped, and listed in the index's \
            table `damage`; the exit code is 65. An index that knows more than the damaged files do is kept.
            """)

    @OptionGroup var archive: ArchiveOptions

    func run() throws {
        let progress = ByteProgress()
        try Recovery.reindex(archive.path()) { progress("reading", $0, done: $1, of: $2) }
        let damage = try IndexDatabase.open(forReadingIn: archive.open()).read { try $0.damage() }
        if let first = damage.first {
            throw Failure(.data, "the index is rebuilt from what is whole; \(first.sentence(of: damage))")
        }
        say("the index is rebuilt")
    }
}
