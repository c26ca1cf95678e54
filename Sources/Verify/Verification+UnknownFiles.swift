internal import Archive
internal import ArchiveIndex

extension Verification {
    /// Returns the paths of compressed files that are in the archive but not in the index.
    func unknownFiles(_ snapshot: IndexSnapshot) throws -> [String] {
        var unknown: [String] = []
        try archive.forEachCompressedFile(in: selection.environment) { path in
            let kind: IndexedFile.Kind = ArchivePath.parse(path)?.isLedger == true ? .ledgers : .archives
            if try !snapshot.knows(kind, path: path) { unknown.append(path) }
        }
        return unknown
    }
}
