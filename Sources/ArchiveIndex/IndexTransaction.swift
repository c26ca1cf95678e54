internal import Archive
internal import GRDB
internal import Webhooks

/// The look-ups and additions of one sweep, committed together. It is only valid within the call that passes it.
///
/// Rows must be added in the order of (environment, receipt time, id): the order in which a rebuild adds them.
package struct IndexTransaction {
    let db: Database
    let prepared: Prepared

    init(_ db: Database) {
        self.db = db
        prepared = Prepared(db)
    }

    /// The statements and facts that are prepared on first use and then serve every delivery.
    final class Prepared {
        private let db: Database
        /// The fingerprints that no event has, or `nil` if that is not known.
        var unseen: UnseenFingerprints?

        init(_ db: Database) { self.db = db }

        /// The days of receipt, since 1970, of the first and the last event, or `nil` if there are no events.
        private(set) lazy var days = Result {
            func day(_ edge: String) throws -> Int64? {
                try Int64.fetchOne(db, sql: "SELECT \(edge)(received / \(IndexSchema.day)) FROM events")
            }
            return try day("min").flatMap { first in try day("max").map { first...$0 } }
        }

        private var begun: Set<IndexSnapshot.Lines> = []

        /// Returns the row id of the next line, or `nil` for the one after the last row. Only the first line of a sweep can
        /// need one.
        func takeNextRow(of lines: IndexSnapshot.Lines) throws -> Int64? {
            begun.insert(lines).inserted ? try IndexSnapshot(db: db).nextRow(of: lines) : nil
        }

        /// Updates the known facts after an event was added.
        func note(_ fingerprint: Fingerprint, _ time: Timestamp) {
            let day = time.milliseconds / IndexSchema.day
            days = days.map { $0.map { min($0.lowerBound, day)...max($0.upperBound, day) } ?? day...day }
            unseen?.see(fingerprint)
        }

        lazy var nearestEvent = Result {
            try DirectStatement(
                db,
                """
                SELECT event, id, received, sha256, archive FROM events
                WHERE received / \(IndexSchema.day) = ?1 AND fingerprint = ?2
                """)
        }

        lazy var addEvent = Result {
            try DirectStatement(
                db,
                """
                INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint, event)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        }

        lazy var addRedelivery = Result {
            try DirectStatement(
                db,
                """
                INSERT INTO redeliveries (sweep, ledger, line, event, id, received, sha256, differing, redelivery)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        }

        lazy var addBlock = Result {
            try DirectStatement(
                db,
                """
                INSERT INTO blocks (archive, first_line, lines, offset, gzip_bytes, text_bytes, crc32, sha256)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        }

        private lazy var archives = Result { try FileStatements(db, .archives) }
        private lazy var ledgers = Result { try FileStatements(db, .ledgers) }

        func files(_ kind: IndexedFile.Kind) throws -> FileStatements {
            try kind == .archives ? archives.get() : ledgers.get()
        }
    }

    /// The statements for one kind of file.
    struct FileStatements {
        let add, update: DirectStatement

        init(_ db: Database, _ kind: IndexedFile.Kind) throws {
            add = try DirectStatement(
                db,
                """
                INSERT INTO \(kind.rawValue) (\(kind.key), lines, text_bytes, gzip_bytes, crc32, sha256, sweep,
                  environment, business, day, path, first_sweep)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                """)
            update = try DirectStatement(
                db,
                """
                UPDATE \(kind.rawValue)
                SET lines = ?2, text_bytes = ?3, gzip_bytes = ?4, crc32 = ?5, sha256 = ?6, sweep = ?7
                WHERE \(kind.key) = ?1
                """)
        }
    }

    /// The index as this transaction sees it, with everything added so far.
    package var snapshot: IndexSnapshot { IndexSnapshot(db: db) }

    func run(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws {
        let statement = try db.cachedStatement(sql: sql)
        try statement.setArguments(StatementArguments(arguments))
        try statement.execute()
    }
}
