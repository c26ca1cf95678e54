internal import Archive
internal import DurableFiles

/// What may be in the folder of the tables, and where it may be.
extension TableCopy {
    /// - Throws: ``TablesError/inArchive(_:)`` if the folder is the archive's, or below it, by whatever path.
    func requireFolderOutsideArchive() throws {
        var existing = path
        var folder = try Folder.existing(existing)
        while folder == nil {
            let parent = ArchivePath.split(existing).folder
            existing = parent.isEmpty ? "/" : parent
            folder = try Folder.existing(existing)
        }
        let root = try archive.root.status()
        while let current = folder {
            let (here, above) = (try current.status(), try current.folder(".."))
            if here?.inode == root?.inode, here?.device == root?.device { throw TablesError.inArchive(path) }
            let parent = try above?.status()
            folder = parent?.inode == here?.inode && parent?.device == here?.device ? nil : above
        }
    }

    /// - Throws: ``TablesError/foreignFolder(_:)`` if it has other files, but not a manifest.
    func requireOwnFolder(_ folder: Folder) throws {
        let names = try folder.names()
        guard !names.contains(TableManifest.fileName) else { return }
        let ours = [Self.lock, "lost+found"]
        guard names.allSatisfy({ $0.hasPrefix(".") || ours.contains($0) }) else {
            throw TablesError.foreignFolder(path)
        }
    }

    /// Removes the tables of periods that have no archives any more, tables of the other granularity, and what killed runs
    /// have left.
    func removeOthers(
        than wanted: Set<TablePeriod>, from folder: Folder, _ manifest: inout TableManifest,
        _ report: inout TablesReport
    ) throws {
        for name in try folder.names(.file) {
            let isTemporary = name.hasPrefix(".") && name.hasSuffix(Self.temporarySuffix)
            let table = isTemporary ? String(name.dropFirst().dropLast(Self.temporarySuffix.count)) : name
            guard let period = TablePeriod(fileName: table), isTemporary || !wanted.contains(period) else { continue }
            try folder.remove(name)
            if !isTemporary { report.removed.append(name) }
        }
        try folder.sync()
        let names = Set(wanted.map(\.fileName))
        manifest.tables.removeAll { !names.contains($0.file) }
    }

    static let temporarySuffix = ".tmp"
}
