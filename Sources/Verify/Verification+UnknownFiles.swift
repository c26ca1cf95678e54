internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

extension Verification {
    /// Returns the paths of compressed files that are in the archive but not in the index.
    func unknownFiles(_ snapshot: IndexSnapshot) throws -> [String] {
        var unknown: [String] = []
        for environment in Environment.allCases where selection.environment ?? environment == environment {
            for (folder, depth) in [
                (ArchivePath.environment(environment), 2), (ArchivePath.ledgers(in: environment), 1),
            ] {
                try walk(folder, depth: depth) { path in
                    let kind: IndexedFile.Kind = depth == 1 ? .ledgers : .archives
                    if try !snapshot.knows(kind, path: path) { unknown.append(path) }
                }
            }
        }
        return unknown
    }

    private func walk(_ path: String, depth: Int, _ found: (String) throws -> Void) throws {
        guard let folder = try archive.root.folder(path) else { return }
        if depth == 0 {
            for name in try folder.names() where name.hasSuffix(".gz") { try found("\(path)/\(name)") }
        } else {
            for name in try folder.names(.folder) where name.contains("=") {
                try walk("\(path)/\(name)", depth: depth - 1, found)
            }
        }
    }
}
