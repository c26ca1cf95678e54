internal import Archive
internal import ArchiveIndex
internal import Parallel

extension Verification.Check {
    /// Returns the paths of compressed files that are in the archive but not in the index.
    func unknownFiles() throws -> [String] {
        defer { snapshots.takeBack(allBut: 1) }
        let folders = try archive.businessFolders(in: selection.environment)
        var unknown: [String] = []
        try pipeline.run(folders.count, inBatches: true) { [snapshots] in
            snapshots.reader()
        } produce: { [archive] reader, number in
            try reader.read { snapshot in
                let folder = folders[number]
                var unknown: [String] = []
                try archive.forEachCompressedFile(in: folder) { path in
                    if try !snapshot.knows(folder.isOfLedgers ? .ledgers : .archives, path: path) {
                        unknown.append(path)
                    }
                }
                return unknown
            }
        } consume: { _, paths in
            unknown += paths
        }
        return unknown
    }
}
