internal import Archive
internal import Webhooks

/// Compares one leaf of a seal with the states that the files went through. Leaves are checked on several threads at
/// once.
struct LeafCheck: Sendable {
    let archive: ArchiveFolder
    /// The states of files, by path and length.
    let states: [String: [Int: Verification.KnownState]]
    /// The path of the environment's folder from the archive's root.
    let folder: String
    private(set) var findings: [Finding] = []

    init(archive: ArchiveFolder, states: [String: [Int: Verification.KnownState]], folder: String) {
        self.archive = archive
        self.states = states
        self.folder = folder
    }

    private mutating func report(_ path: String, _ what: String) {
        findings.append(.init(path: path, what: what, remedy: Verification.restore))
    }

    mutating func run(_ leaf: Leaf) {
        let path = "\(folder)/\(leaf.path)"
        let statement = leaf.statement
        guard let day = CivilDate(statement.day),
            SealPath.parse(leaf: leaf.path)?.name == archive.leafName(Business(statement.business), day)
        else { return report(path, "its name is not that of the business in its statement") }
        var tally = Counts()
        let files = [statement.archive, statement.ledger].compactMap { $0 }
        for file in files {
            guard let known = states["\(folder)/\(file.path)"]?[file.gzipBytes],
                known.state.hash == file.gzipSHA256, known.state.textBytes == file.textBytes,
                known.state.lines == file.lines, known.textHash == file.textSHA256,
                known.linesHash == file.linesSHA256
            else {
                report(
                    "\(folder)/\(file.path)",
                    "its state that \(path) sealed, of \(file.gzipBytes) bytes, is missing")
                continue
            }
            tally += known.tally
        }
        if tally != statement.counts { report(path, "its statement's counts are not those of its files") }
        if leaf.files != files.map(\.checksumLine) { report(path, "it lists other files than its statement") }
    }
}
