internal import Archive
internal import DurableFiles
internal import Foundation
internal import GRDB
internal import Webhooks

/// An index that is not in the archive's folder: that of a copy which nobody writes to.
extension IndexDatabase {
    /// Opens the index in a separate file, after building it there unless the file is the index of this archive in this state.
    ///
    /// - Throws: ``IndexError/notAnIndex(_:)`` if the file is of another kind, and ``ArchiveError/differs(_:_:)`` if the archive
    ///   changes meanwhile.
    static func open(separately path: String, of archive: ArchiveFolder) throws -> IndexDatabase {
        if let index = try existing(path), try index.read({ try $0.isOf(archive) }) { return index }
        let url = URL(fileURLWithPath: path)
        guard let folder = try Folder.existing(url.deletingLastPathComponent().path) else {
            throw IndexError.inaccessible(path, "its folder does not exist")
        }
        let name = ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp"
        defer { for suffix in ["-wal", "-shm", ""] { _ = try? folder.remove(name + suffix) } }
        try folder.newFile(name, replacingLeftover: true).finishUnsynced()
        let index = try Rebuild(archive).run(into: openForWriting(folder.path(of: name)))
        guard try index.read({ try $0.lastSweep() == archive.recordedSweeps().last ?? 0 }) else {
            throw ArchiveError.differs(
                archive.root.path, "it was swept while its index was built in \(path); try again")
        }
        try index.close()
        try folder.rename(name, to: folder, as: url.lastPathComponent)
        guard let built = try existing(path) else { throw IndexError.missing(path) }
        return built
    }

    /// Opens an index that nothing writes to, or returns `nil` if the file does not exist.
    private static func existing(_ path: String) throws -> IndexDatabase? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try translating(path) {
                let index = try IndexDatabase(path, location: immutable(path), readOnly: true)
                try index.requireKnownSchema()
                guard try index.read({ try $0.hasTables() }) else { throw IndexError.notAnIndex(path) }
                return index
            }
        } catch IndexError.corrupt {
            throw IndexError.notAnIndex(path)
        }
    }
}

extension IndexSnapshot {
    fileprivate func hasTables() throws -> Bool { try db.tableExists("sweeps") }

    /// Whether the index is that of an archive in its present state.
    fileprivate func isOf(_ archive: ArchiveFolder) throws -> Bool {
        let last = try lastSweep()
        guard try last == archive.recordedSweeps().last ?? 0, try damage().isEmpty else { return false }
        for environment in Environment.allCases {
            let known = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM seals WHERE environment = ?", arguments: [environment.rawValue])
            guard try known == archive.sealPaths(environment).count else { return false }
        }
        guard last > 0 else { return true }
        let started = try String.fetchOne(db, sql: "SELECT started FROM sweeps WHERE sweep = ?", arguments: [last])
        return try archive.record(last)?.record.started == started
    }
}
