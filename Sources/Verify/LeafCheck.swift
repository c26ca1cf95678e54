internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// Compares one leaf of a seal with the states that the files went through. Leaves are checked on several threads at
/// once.
struct LeafCheck: Sendable {
    let archive: ArchiveFolder
    /// The states of files, by path and length.
    let states: [String: [Int: Verification.KnownState]]
    /// The first lines of files that were rewritten, by path and number.
    let prefixes: [String: [Int: Verification.KnownLines]]
    /// The states that records have of files, by path.
    let growth: [String: [RecordedStates.State]]
    /// The path of the environment's folder from the archive's root.
    let folder: String
    private(set) var findings: [Finding] = []

    init(_ archive: ArchiveFolder, _ checked: Verification.CheckedFiles, folder: String) {
        self.archive = archive
        states = checked.states
        prefixes = checked.prefixes
        growth = checked.growth
        self.folder = folder
    }

    private mutating func report(_ path: String, _ what: String) {
        findings.append(.init(path: path, what: what, remedy: Verification.restore))
    }

    mutating func run(_ leaf: Leaf) {
        let path = "\(folder)/\(leaf.path)"
        let statement = leaf.statement
        guard
            SealPath.parse(leaf: leaf.path)?.name == archive.leafName(Business(statement.business), statement.day)
        else { return report(path, "its name is not that of the business in its statement") }
        var tally = Counts()
        let files = [statement.archive, statement.ledger].compactMap { $0 }
        var isPruned = false
        for file in files {
            if isRecordedAsPruned(file) {
                isPruned = true
            } else if let counts = counts(of: file) {
                tally += counts
            } else {
                report(
                    "\(folder)/\(file.path)",
                    "its state that \(path) sealed, of \(file.gzipBytes) bytes, is missing")
            }
        }
        if !isPruned, tally != statement.counts {
            report(path, "its statement's counts are not those of its files")
        }
        if leaf.files != files.map(\.checksumLine) { report(path, "it lists other files than its statement") }
    }

    /// Returns the counts of the lines that were sealed, or `nil` if these lines are not there any more.
    private func counts(of file: LeafStatement.File) -> Counts? {
        let path = "\(folder)/\(file.path)"
        if let known = states[path]?[file.gzipBytes], known.state.hash == file.gzipSHA256 {
            let isSealed =
                known.state.textBytes == file.textBytes && known.state.lines == file.lines
                && known.textHash == file.textSHA256 && known.linesHash == file.linesSHA256
            return isSealed ? known.tally : nil
        }
        // The file was rewritten since. That it was in this state is recorded, and each line has its hash, or its
        // tombstone has.
        guard let lines = prefixes[path]?[file.lines], isRecorded(file),
            lines.hash == file.linesSHA256 || !lines.hasAllHashes
        else { return nil }
        return lines.tally
    }

    /// Whether a record has this state of a file.
    private func isRecorded(_ file: LeafStatement.File) -> Bool {
        growth["\(folder)/\(file.path)"]?.contains { growth in
            let after = growth.change.after
            return growth.change.hash == file.gzipSHA256 && after.gzip == file.gzipBytes
                && after.text == file.textBytes && after.lines == file.lines
        } ?? false
    }

    /// Whether a record has this state of a file, and a later one pruned it.
    private func isRecordedAsPruned(_ file: LeafStatement.File) -> Bool {
        growth["\(folder)/\(file.path)"]?.last?.change.isRemoval == true && isRecorded(file)
    }
}
