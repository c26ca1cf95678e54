internal import Archive
internal import Foundation
internal import GRDB
internal import Glibc
package import Webhooks

/// What the target of a replay has acknowledged, and what it refused: an SQLite database.
///
///     replay        one row: the run, its archive, its target, what is selected, and the last sweep it covers
///     acknowledged  one row for each event that the target acknowledged
///     failures      one row for each event that was given up, until it is acknowledged
///
/// Each row is written before the answer is read to its end, and survives the death of the process. The database is in WAL mode
/// and not synced each time, so a power failure may lose the last rows: those events are sent again.
package final class ReplayJournal: Sendable {
    private let queue: DatabaseQueue
    /// The path, as messages show it.
    private let path: String
    package let header: Header
    /// Whether any event was acknowledged before this process began.
    private let isContinued: Bool

    /// What the replay of a journal is.
    package struct Header: Equatable, Sendable {
        /// The id of the run.
        package var run: String
        /// The id of the archive.
        package var archive: String
        package var target: String
        /// What is selected, as text.
        package var selected: String
        /// The last sweep whose events are sent. What comes later is not part of the replay.
        package var lastSweep: Int

        package init(run: String, archive: String, target: String, selected: String, lastSweep: Int) {
            self.run = run
            self.archive = archive
            self.target = target
            self.selected = selected
            self.lastSweep = lastSweep
        }
    }

    /// An event that was given up.
    package struct FailedEvent: Encodable, Equatable, Sendable {
        package var id, environment: String
        package var business: String?
        package var time, cause: String
        package var attempts: Int
    }

    private static let schema = """
        CREATE TABLE replay (
          run        TEXT NOT NULL,
          archive    TEXT NOT NULL,
          target     TEXT NOT NULL,
          selected   TEXT NOT NULL,     -- what is selected, as JSON
          last_sweep INTEGER NOT NULL,  -- later sweeps are not part of the replay
          started    TEXT NOT NULL
        ) STRICT;
        CREATE TABLE acknowledged (
          environment TEXT NOT NULL,
          id          TEXT NOT NULL,
          at          TEXT NOT NULL,
          status      INTEGER NOT NULL,  -- of HTTP, or the exit status of the program
          attempts    INTEGER NOT NULL,
          PRIMARY KEY (environment, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE failures (
          environment TEXT NOT NULL,
          id          TEXT NOT NULL,
          business    TEXT,              -- NULL: unassigned
          time        TEXT NOT NULL,     -- of receipt
          cause       TEXT NOT NULL,
          attempts    INTEGER NOT NULL,
          at          TEXT NOT NULL,
          PRIMARY KEY (environment, id)
        ) STRICT, WITHOUT ROWID;
        """

    /// Makes a new journal.
    ///
    /// A database without any table, which an earlier attempt may have left on a full disk, becomes the journal.
    ///
    /// - Throws: ``ReplayError/journalExists(_:)`` if there is any other file at the path, ``ReplayError/journal(_:cause:)`` if
    ///   none can be made.
    package static func make(_ path: String, _ header: Header, at now: Timestamp) throws -> ReplayJournal {
        try translating(path) {
            let queue = try open(path)
            try queue.write { db in
                guard try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0 else {
                    throw ReplayError.journalExists(path)
                }
                try db.execute(sql: schema)
                try db.execute(
                    sql: "INSERT INTO replay VALUES (?, ?, ?, ?, ?, ?)",
                    arguments: [
                        header.run, header.archive, header.target, header.selected, header.lastSweep, now.description,
                    ])
            }
            return ReplayJournal(queue, path: path, header, isContinued: false)
        }
    }

    /// Opens the journal of an earlier run.
    ///
    /// - Throws: ``ReplayError/noJournal(_:)``, ``ReplayError/otherJournal(_:cause:)``, ``ReplayError/journalInUse(_:)``.
    package static func resume(_ path: String, archive: String, target: String, selected: String) throws
        -> ReplayJournal
    {
        guard FileManager.default.fileExists(atPath: path) else { throw ReplayError.noJournal(path) }
        return try translating(path) {
            let queue = try open(path)
            let header = try queue.write { db -> Header? in
                guard try db.tableExists("replay"), let row = try Row.fetchOne(db, sql: "SELECT * FROM replay") else {
                    return nil
                }
                return Header(
                    run: row["run"], archive: row["archive"], target: row["target"], selected: row["selected"],
                    lastSweep: row["last_sweep"])
            }
            guard let header else { throw ReplayError.otherJournal(path, cause: "it is not the journal of a replay") }
            for (known, given, what) in [
                (header.archive, archive, "archive"), (header.target, target, "target"),
                (header.selected, selected, "selection of events"),
            ] where known != given {
                throw ReplayError.otherJournal(
                    path,
                    cause:
                        "its \(what) is \(TargetURL.shown(known)), not \(TargetURL.shown(given)); repeat the command of its "
                        + "first run")
            }
            return ReplayJournal(queue, path: path, header, isContinued: true)
        }
    }

    private init(_ queue: DatabaseQueue, path: String, _ header: Header, isContinued: Bool) {
        self.queue = queue
        self.path = path
        self.header = header
        self.isContinued = isContinued
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "replay journal"
        configuration.prepareDatabase {
            // The lock lasts until the process ends, so two processes cannot use the journal at the same time.
            try $0.execute(
                sql: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
        // SQLite would create it for everybody to read, and the URL of the target may have a token.
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(0o600))
        if descriptor >= 0 { Glibc.close(descriptor) }
        // An absolute path: SQLite gives a meaning to `:memory:` and to names that begin with `file:`.
        return try DatabaseQueue(path: URL(filePath: path).path(percentEncoded: false), configuration: configuration)
    }

    private static func translating<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_BUSY: throw ReplayError.journalInUse(path)
            case .SQLITE_NOTADB: throw ReplayError.otherJournal(path, cause: "it is not an SQLite database")
            case .SQLITE_FULL: throw ReplayError.journal(path, cause: "its disk is full")
            default: throw ReplayError.journal(path, cause: error.message ?? error.resultCode.description)
            }
        }
    }

    /// Moves everything into the file at the path, and closes it.
    ///
    /// - Throws: ``ReplayError/journal(_:cause:)``, also if the file was removed meanwhile.
    package func close() throws {
        try Self.translating(path) { try queue.close() }
        guard FileManager.default.fileExists(atPath: path) else {
            throw ReplayError.journal(path, cause: "it was removed while the replay ran, which cannot be resumed now")
        }
    }

    /// Returns those of some events that were not acknowledged yet, in their order.
    func unacknowledged(_ events: [EventLine]) throws -> [EventLine] {
        guard isContinued else { return events }
        return try Self.translating(path) {
            try queue.read { db in
                let statement = try db.cachedStatement(
                    sql: "SELECT 1 FROM acknowledged WHERE environment = ? AND id = ?")
                return try events.filter {
                    try Int.fetchOne(statement, arguments: [$0.environment.rawValue, $0.id.description]) == nil
                }
            }
        }
    }

    func acknowledge(_ event: EventLine, status: Int, attempts: Int) throws {
        let key: StatementArguments = [event.environment.rawValue, event.id.description]
        try Self.translating(path) {
            try queue.write { db in
                try db.cachedStatement(sql: "INSERT OR IGNORE INTO acknowledged VALUES (?, ?, ?, ?, ?)")
                    .execute(arguments: key + [Timestamp.now.description, status, attempts])
                guard isContinued else { return }
                try db.cachedStatement(sql: "DELETE FROM failures WHERE environment = ? AND id = ?")
                    .execute(arguments: key)
            }
        }
    }

    func fail(_ event: EventLine, cause: String, attempts: Int) throws {
        try Self.translating(path) {
            try queue.write { db in
                try db.cachedStatement(sql: "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?)").execute(
                    arguments: [
                        event.environment.rawValue, event.id.description, event.business.name, event.time.description,
                        cause, attempts, Timestamp.now.description,
                    ])
            }
        }
    }

    /// Returns the number of all events that were acknowledged, and of those that were given up.
    package func counts() throws -> (acknowledged: Int, failed: Int) {
        try Self.translating(path) {
            try queue.read { db in
                (
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM acknowledged") ?? 0,
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM failures") ?? 0
                )
            }
        }
    }

    /// Returns the first events that were given up, by environment and id.
    package func failures(limit: Int) throws -> [FailedEvent] {
        try Self.translating(path) {
            try queue.read { db in
                try Row.fetchAll(
                    db, sql: "SELECT * FROM failures ORDER BY environment, id LIMIT ?", arguments: [limit]
                ).map {
                    FailedEvent(
                        id: $0["id"], environment: $0["environment"], business: $0["business"], time: $0["time"],
                        cause: $0["cause"], attempts: $0["attempts"])
                }
            }
        }
    }
}
