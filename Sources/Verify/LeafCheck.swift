internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import FoundationEssentials
internal import Webhooks

/// Compares one leaf of a seal with its statement, and the statement with the states that the files went through.
/// Leaves are checked on several threads at once.
struct LeafCheck: Sendable {
    let archive: ArchiveFolder
    /// The states of files, by path and length.
    let states: [String: [Int: Verification.KnownState]]
    /// The path of the environment's folder from the archive's root.
    let folder: String
    private(set) var findings: [Finding] = []
    /// The line counts in the statement. They are zero if the statement does not have the hash that lists it.
    private(set) var stated = Counts()

    init(archive: ArchiveFolder, states: [String: [Int: Verification.KnownState]], folder: String) {
        self.archive = archive
        self.states = states
        self.folder = folder
    }

    private mutating func report(_ path: String, _ what: String) {
        findings.append(.init(path: path, what: what, remedy: Verification.restore))
    }

    mutating func run(_ leaf: ChecksumLine) throws {
        let path = "\(folder)/\(leaf.path)"
        guard let bytes = try archive.root.contents(of: path), ContentHash(of: bytes) == leaf.hash,
            let lines = ChecksumLine.parse(bytes), let last = lines.last,
            let statementBytes = try archive.root.contents(of: "\(folder)/\(last.path)"),
            ContentHash(of: statementBytes) == last.hash,
            let statement = try? JSONDecoder().decode(LeafStatement.self, from: Data(statementBytes))
        else { return report(path, "it, or its statement, is not there with the hash that lists it") }
        stated.archived = statement.archived
        stated.redelivered = statement.redelivered
        stated.quarantined = statement.quarantined
        stated.released = statement.released
        stated.discarded = statement.discarded
        check(statement, lines.dropLast(), at: path)
    }

    private mutating func check(_ statement: LeafStatement, _ lines: ArraySlice<ChecksumLine>, at path: String) {
        let business = Business(statement.business)
        guard let day = CivilDate(statement.day), path.contains("/\(archive.leafName(business, day)).") else {
            return report(path, "its name is not that of the business in its statement")
        }
        var tally = Counts()
        let files = [statement.archive, statement.ledger].compactMap { $0 }
        for file in files {
            guard let known = states["\(folder)/\(file.path)"]?[file.gzipBytes],
                known.state.hash.description == file.gzipSHA256, known.state.textBytes == file.textBytes,
                known.state.lines == file.lines, known.textHash.description == file.textSHA256,
                known.linesHash.description == file.linesSHA256
            else {
                report(
                    "\(folder)/\(file.path)",
                    "its state that \(path) sealed, of \(file.gzipBytes) bytes, is missing")
                continue
            }
            tally += known.tally
        }
        if tally != stated { report(path, "its statement's counts are not those of its files") }
        if lines.map(\.path) != files.map(\.path) || lines.map(\.hash.description) != files.map(\.gzipSHA256) {
            report(path, "it lists other files than its statement")
        }
    }
}
