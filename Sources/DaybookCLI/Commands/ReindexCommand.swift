internal import ArgumentParser
internal import Batch

struct ReindexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Make the index anew from the archives.",
        discussion: "Readers see the old index until the new one is whole. Where a file is damaged, the old one stays.")

    @OptionGroup var archive: ArchiveOptions

    func run() throws {
        let progress = Progress()
        let pace = Pace()
        try Recovery.reindex(archive.path()) { path, done, total in
            progress("reading \(done * 100 / max(1, total)) %\(pace.words(done, of: total, sized)): \(path)")
        }
        say("the index is made anew")
    }
}
