package import Archive
internal import DurableFiles
internal import GRDB
internal import GRDBSQLite

/// The index of an archive: `index.sqlite`, in WAL mode, with one writer and any number of readers.
///
/// The commit of a sweep is a commit of this database, so the writer runs with `synchronous=FULL`: a committed
/// transaction is on disk when ``write(_:)`` returns.
package final class IndexDatabase: Sendable {
    private let queue: DatabaseQueue
    package let path: String

    package static let fileName = "index.sqlite"

    private init(_ archive: ArchiveFolder, readOnly: Bool) throws {
        path = archive.root.path(of: Self.fileName)
        // SQLite would create the file with 0644. It opens an empty file as a new database, and gives the WAL the same mode.
        if !readOnly, try !Self.exists(in: archive) { try archive.root.newFile(Self.fileName).finishUnsynced() }
        queue = try DatabaseQueue(path: path, configuration: Self.configuration(readOnly: readOnly))
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
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -\(cache)") }
        return configuration
    }

    /// Opens the index for the one writer, which holds the archive's lock. Creates the index if it does not
    /// exist.
    package static func open(forWritingIn archive: ArchiveFolder) throws -> IndexDatabase {
        try translating(archive) {
            let index = try IndexDatabase(archive, readOnly: false)
            try index.requireKnownSchema()
            try IndexSchema.migrator.migrate(index.queue)
            return index
        }
    }

    /// Opens the index for reading, without a lock.
    ///
    /// - Throws: ``IndexError/missing(_:)`` if there is no index.
    package static func open(forReadingIn archive: ArchiveFolder) throws -> IndexDatabase {
        guard try exists(in: archive) else { throw IndexError.missing(archive.root.path(of: fileName)) }
        return try translating(archive) {
            let index = try IndexDatabase(archive, readOnly: true)
            try index.requireKnownSchema()
            return index
        }
    }

    package static func exists(in archive: ArchiveFolder) throws -> Bool {
        try archive.root.status(of: fileName) != nil
    }

    /// Removes an index that cannot be read, and its WAL.
    package static func remove(in archive: ArchiveFolder) throws {
        for suffix in ["-wal", "-shm", ""] { try archive.root.remove(fileName + suffix) }
        try archive.root.sync()
    }

    private func requireKnownSchema() throws {
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

    private static func translating<Result>(_ archive: ArchiveFolder, _ body: () throws -> Result) throws -> Result {
        try translating(archive.root.path(of: fileName), body)
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
