package import Archive
internal import DurableFiles
internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// The index of an archive: `_index.sqlite`, in WAL mode, with one writer and any number of readers.
///
/// The commit of a sweep is a commit of this database, so the writer runs with `synchronous=FULL`: a committed
/// transaction is on disk when ``write(_:)`` returns.
package final class IndexDatabase: Sendable {
    private let queue: DatabaseQueue
    /// The path of the index, as messages show it.
    package let path: String
    /// The path or URI that SQLite opens.
    let location: String
    /// The folder of a temporary index, which lasts as long as this object.
    private let scratch: ScratchFolder?

    package static let fileName = "_index.sqlite"

    init(_ path: String, location: String, scratch: ScratchFolder? = nil, readOnly: Bool) throws {
        self.path = path
        self.location = location
        self.scratch = scratch
        queue = try DatabaseQueue(path: location, configuration: Self.configuration(readOnly: readOnly))
        if !readOnly {
            try queue.writeWithoutTransaction {
                try $0.execute(
                    sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 0")
                // The WAL remains when the writer closes: a reader without write permission for the
                // folder could not create it.
                var persist: CInt = 1
                sqlite3_file_control($0.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &persist)
            }
        }
    }

    static func configuration(readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = "index"
        configuration.readonly = readOnly
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(10)
        // The cache in KiB, which does not grow with the sweep: changed pages beyond it go to the WAL. The
        // writer's cache holds the fingerprints of a day of some hundred thousand events, since a sweep
        // inserts between them.
        let cache = readOnly ? 8192 : 32768
        configuration.prepareDatabase {
            try $0.execute(sql: "PRAGMA cache_size = -\(cache)")
            if readOnly { try IndexSchema.addMissingTables($0) }
        }
        return configuration
    }

    /// Opens the index for the one writer, which holds the archive's lock. Creates the index if it does not
    /// exist.
    package static func open(forWritingIn archive: ArchiveFolder) throws -> IndexDatabase {
        // SQLite would create the file with 0644. It opens an empty file as a new database, and gives the WAL the same mode.
        if try !exists(in: archive) { try archive.root.newFile(fileName).finishUnsynced() }
        return try openForWriting(archive.root.path(of: fileName))
    }

    static func openForWriting(_ path: String, scratch: ScratchFolder? = nil) throws -> IndexDatabase {
        try translating(path) {
            let index = try IndexDatabase(path, location: path, scratch: scratch, readOnly: false)
            try index.requireKnownSchema()
            try IndexSchema.migrator.migrate(index.queue)
            return index
        }
    }

    /// Opens the index for reading, without a lock.
    ///
    /// A copy of an archive that cannot be written to (a snapshot, a read-only mount, another user's folder) is read too:
    /// with its index alone, with the index and its WAL, or without an index, which is then rebuilt in a temporary file.
    ///
    /// - Throws: ``IndexError/missing(_:)`` if there is no index, and the archive is not such a copy.
    package static func open(forReadingIn archive: ArchiveFolder) throws -> IndexDatabase {
        if let file = archive.separateIndex { return try open(separately: file, of: archive) }
        let path = archive.root.path(of: fileName)
        let isLive = try isLive(archive)
        guard try exists(in: archive) else {
            if isLive { throw IndexError.missing(path) }
            let scratch = try ScratchFolder()
            return try Rebuild(archive).run(into: openForWriting(scratch.folder.path(of: fileName), scratch: scratch))
        }
        return try translating(path) {
            let index: IndexDatabase
            if isLive {
                index = try IndexDatabase(path, location: path, readOnly: true)
            } else if try archive.root.status(of: "\(fileName)-wal")?.size ?? 0 == 0 {
                // SQLite neither locks an immutable database nor looks for its WAL (https://sqlite.org/uri.html).
                index = try IndexDatabase(path, location: immutable(path), readOnly: true)
            } else {
                let scratch = try copy(of: archive)
                index = try IndexDatabase(
                    path, location: scratch.folder.path(of: fileName), scratch: scratch, readOnly: true)
            }
            try index.requireKnownSchema()
            return index
        }
    }

    /// Whether something may be writing to an archive.
    private static func isLive(_ archive: ArchiveFolder) throws -> Bool {
        // A writer, even one of the past, leaves this file. Without it, nothing is writing.
        try archive.root.status(of: "\(fileName)-shm") != nil || archive.root.isWritable
    }

    /// Whether each ``open(forReadingIn:)`` has to rebuild the index. Who opens it often names a file to keep it in.
    package static func isRebuiltEachTime(for archive: ArchiveFolder) throws -> Bool {
        try archive.separateIndex == nil && !exists(in: archive) && !isLive(archive)
    }

    /// Returns the URI of a database that does not change.
    static func immutable(_ path: String) -> String {
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~/"))
        let absolute = URL(fileURLWithPath: path).path
        return "file:\(absolute.addingPercentEncoding(withAllowedCharacters: plain) ?? absolute)?immutable=1"
    }

    /// Copies the index and its WAL to where SQLite can create what it needs to read both.
    private static func copy(of archive: ArchiveFolder) throws -> ScratchFolder {
        let scratch = try ScratchFolder()
        for name in [fileName, "\(fileName)-wal"] {
            guard let file = try archive.root.file(name) else { continue }
            var copy = try scratch.folder.newFile(name)
            try file.forEachPiece { bytes throws(FileError) in try copy.write(bytes) }
            try copy.finishUnsynced()
        }
        return scratch
    }

    package static func exists(in archive: ArchiveFolder) throws -> Bool {
        try archive.root.status(of: fileName) != nil
    }

    /// Moves everything from the WAL to the file, and closes it.
    func close() throws {
        try Self.translating(path) {
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            try queue.close()
        }
    }

    /// Whether SQLite finds no damage in the structure of the database (https://sqlite.org/pragma.html#pragma_quick_check).
    package func isSound() throws -> Bool {
        try Self.translating(path) { try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") == "ok" } }
    }

    /// Whether the bytes of the index or of its WAL cannot be read, whatever they are.
    package static func isUnreadable(in archive: ArchiveFolder) throws -> Bool {
        do {
            for name in [fileName, "\(fileName)-wal"] {
                try archive.root.file(name)?.forEachPiece { _ in }
            }
            return false
        } catch {
            guard error.isOfReading else { throw error }
            return true
        }
    }

    /// Removes an index that cannot be read, and its WAL.
    package static func remove(in archive: ArchiveFolder) throws {
        for suffix in ["-wal", "-shm", ""] { try archive.root.remove(fileName + suffix) }
        try archive.root.sync()
    }

    func requireKnownSchema() throws {
        let newer = try queue.read { db in
            try db.tableExists("grdb_migrations") && IndexSchema.migrator.hasBeenSuperseded(db)
        }
        if newer { throw IndexError.newerSchema(path) }
    }

    /// Calls `body` with one snapshot of the index, which does not include later commits.
    package func read<Result>(_ body: (IndexSnapshot) throws -> Result) throws -> Result {
        try Self.translating(path) { try queue.read { try body(IndexSnapshot(db: $0)) } }
    }

    /// Calls `body` in one transaction, which is committed when `body` returns and rolled back when it throws.
    package func write<Result>(_ body: (IndexTransaction) throws -> Result) throws -> Result {
        try Self.translating(path) { try queue.write { try body(IndexTransaction($0)) } }
    }

    static func translating<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT, .SQLITE_SCHEMA:
                throw IndexError.corrupt(path, error.message ?? error.resultCode.description)
            case .SQLITE_FULL:
                throw IndexError.full(path)
            default:
                throw IndexError.inaccessible(path, error.message ?? error.resultCode.description)
            }
        }
    }
}
