package import Archive
internal import Foundation
internal import GRDB
package import Webhooks

/// What a sweep looks up and adds, all of it committed at once. Only valid within the call that gave it.
///
/// Rows must be added in the order of (environment, receipt time, id): the order in which a rebuild adds them.
package struct IndexTransaction {
    let db: Database
    let prepared: Prepared

    init(_ db: Database) {
        self.db = db
        prepared = Prepared(db)
    }

    /// What is made when it is first asked for, and then serves each delivery.
    final class Prepared {
        private let db: Database
        /// What no event has whose fingerprint is asked for; nil where that is not known.
        var unseen: UnseenFingerprints?

        init(_ db: Database) { self.db = db }

        /// The days of receipt, since 1970, that all events lie between; nil where there is none.
        private(set) lazy var days = Result {
            func day(_ edge: String) throws -> Int64? {
                try Int64.fetchOne(db, sql: "SELECT \(edge)(received / \(IndexSchema.day)) FROM events")
            }
            return try day("min").flatMap { first in try day("max").map { first...$0 } }
        }

        /// Notes that an event was added.
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
                INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        }

        lazy var addRedelivery = Result {
            try DirectStatement(
                db,
                """
                INSERT INTO redeliveries (sweep, ledger, line, event, id, received, sha256, differing)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
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

    /// For one kind of files.
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

    /// The same, to read: what was added so far is seen.
    package var snapshot: IndexSnapshot { IndexSnapshot(db: db) }

    private func run(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws {
        let statement = try db.cachedStatement(sql: sql)
        try statement.setArguments(StatementArguments(arguments))
        try statement.execute()
    }
}

// MARK: - What is known already

/// A delivery that an earlier sweep kept.
package struct KnownDelivery: Equatable, Sendable {
    package enum Fate: String, Sendable {
        case event, redelivery, released, discarded
        case quarantined = "held"
    }

    package var fate: Fate
    package var hash: ContentHash
    package var sweep: Int
}

extension IndexSnapshot {
    /// Whether any delivery is known whose id lies in this range; of any environment.
    ///
    /// Ids sort by receipt, so of what was received just now this is one look where ``known(_:in:)`` would be many.
    package func knowsAny(of ids: ClosedRange<DeliveryID>) throws -> Bool {
        let found = try DirectStatement(
            db,
            """
            SELECT EXISTS (SELECT 1 FROM events WHERE id BETWEEN ?1 AND ?2)
                OR EXISTS (SELECT 1 FROM redeliveries WHERE id BETWEEN ?1 AND ?2)
                OR EXISTS (SELECT 1 FROM quarantine WHERE id BETWEEN ?1 AND ?2)
            """
        ).first {
            $0.bind(1, ids.lowerBound)
            $0.bind(2, ids.upperBound)
        } _: {
            $0.int(0) == 1
        }
        return found ?? false
    }

    /// What became of the delivery of this id; nil where it is not known in this environment.
    package func known(_ id: DeliveryID, in environment: Environment) throws -> KnownDelivery? {
        try DirectStatement(
            db,
            """
            SELECT 'event' AS fate, events.sha256, events.sweep FROM events JOIN archives USING (archive)
            WHERE id = ?1 AND environment = ?2
            UNION ALL
            SELECT 'redelivery', redeliveries.sha256, redeliveries.sweep FROM redeliveries JOIN ledgers USING (ledger)
            WHERE id = ?1 AND environment = ?2
            UNION ALL
            SELECT * FROM (
              SELECT state, quarantine.sha256, quarantine.sweep FROM quarantine JOIN ledgers USING (ledger)
              WHERE id = ?1 AND environment = ?2 ORDER BY entry DESC LIMIT 1)
            LIMIT 1
            """
        ).first {
            $0.bind(1, id)
            $0.bind(2, text: environment.rawValue)
        } _: { row in
            guard let fate = row.text(0).flatMap(KnownDelivery.Fate.init), let hash = row.hash(1) else {
                throw IndexError.corrupt(db.description, "the fate of \(id) does not read")
            }
            return KnownDelivery(fate: fate, hash: hash, sweep: Int(row.int(2)))
        }
    }

    /// The first row id that no row of this kind of file has.
    package func nextRow(_ kind: IndexedFile.Kind) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT coalesce(max(\(kind.key)), 0) + 1 FROM \(kind.rawValue)") ?? 1
    }
}

// MARK: - What is added

extension IndexTransaction {
    package func addEvent(
        id: DeliveryID, time: Timestamp, type: String, size: Int, hash: ContentHash, fingerprint: Fingerprint,
        archive: Int64, line: Int, sweep: Int
    ) throws {
        try prepared.addEvent.get().run {
            $0.bind(1, sweep)
            $0.bind(2, archive)
            $0.bind(3, line)
            $0.bind(4, id)
            $0.bind(5, time.milliseconds)
            $0.bind(6, text: type)
            $0.bind(7, size)
            $0.bind(8, hash)
            $0.bind(9, fingerprint)
        }
        prepared.note(fingerprint, time)
    }

    package func addRedelivery(
        _ line: LedgerLine.Redelivery, of event: Int64, ledger: Int64, line number: Int, sweep: Int
    ) throws {
        try prepared.addRedelivery.get().run {
            $0.bind(1, sweep)
            $0.bind(2, ledger)
            $0.bind(3, number)
            $0.bind(4, event)
            $0.bind(5, line.id)
            $0.bind(6, line.time.milliseconds)
            $0.bind(7, line.hash)
            $0.bind(8, line.differing == nil ? 0 : 1)
        }
    }

    package func addQuarantine(_ line: LedgerLine.Quarantine, ledger: Int64, line number: Int, sweep: Int) throws {
        try run(
            """
            INSERT INTO quarantine (sweep, ledger, line, id, received, sha256, size, reason, at, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'held')
            """,
            [
                sweep, ledger, number, line.id.description, line.time.milliseconds, line.hash.bytes.databaseValue,
                line.size,
                line.reason, line.at,
            ])
    }

    /// Notes what was decided on the last quarantine of this id in this ledger.
    package func decide(_ kind: SweepRecord.Kind, _ decision: LedgerLine.Decision, ledger: Int64, sweep: Int) throws {
        try run(
            """
            UPDATE quarantine SET state = ?, decided_in = ?, decided_by = ?, decided_at = ?
            WHERE entry = (SELECT max(entry) FROM quarantine WHERE id = ? AND ledger = ? AND sweep < ?)
            """,
            [
                kind == .release ? "released" : "discarded", sweep, decision.by, decision.at.description,
                decision.id.description, ledger, sweep,
            ])
    }

    /// Adds a file that the index does not know.
    package func add(_ file: IndexedFile) throws {
        try prepared.files(file.kind).add.run {
            Self.bind(file, in: $0)
            $0.bind(8, text: file.environment.rawValue)
            $0.bind(9, text: file.business.name)
            $0.bind(10, text: file.day.description)
            $0.bind(11, text: file.path)
            $0.bind(12, file.firstSweep)
        }
    }

    /// Notes that a file grew.
    package func update(_ file: IndexedFile) throws {
        try prepared.files(file.kind).update.run { Self.bind(file, in: $0) }
    }

    /// What changes where a file grows.
    private static func bind(_ file: IndexedFile, in binding: DirectStatement.Binding) {
        binding.bind(1, file.row)
        binding.bind(2, file.state.lines)
        binding.bind(3, file.state.textBytes)
        binding.bind(4, file.state.gzipBytes)
        binding.bind(5, Int64(file.state.crc32))
        binding.bind(6, text: file.state.hash.description)
        binding.bind(7, file.sweep)
    }

    /// Adds blocks to an archive, the first of them at this line and this byte.
    package func add(_ blocks: [GzipBlock], to archive: Int64, firstLine: Int, offset: Int) throws {
        let statement = try prepared.addBlock.get()
        var (firstLine, offset) = (firstLine, offset)
        for block in blocks {
            try statement.run {
                $0.bind(1, archive)
                $0.bind(2, firstLine)
                $0.bind(3, block.lines)
                $0.bind(4, offset)
                $0.bind(5, block.gzipBytes)
                $0.bind(6, block.textBytes)
                $0.bind(7, Int64(block.crc32))
                $0.bind(8, block.hash)
            }
            firstLine += block.lines
            offset += block.gzipBytes
        }
    }

    package func add(_ record: SweepRecord, state: SweepState) throws {
        let total = record.total
        try run(
            "INSERT INTO sweeps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                record.sweep, record.kind.rawValue, state.rawValue, record.started, total.received, total.archived,
                total.redelivered, total.quarantined, total.bytes, record.compressed,
            ])
        for day in record.days {
            let counts = day.counts
            try run(
                "INSERT INTO sweep_days VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    record.sweep, day.environment.rawValue, day.day, counts.received, counts.archived,
                    counts.redelivered, counts.quarantined, counts.released, counts.discarded, counts.bytes,
                ])
        }
    }

    package func set(_ state: SweepState, of sweep: Int) throws {
        try run("UPDATE sweeps SET state = ? WHERE sweep = ?", [state.rawValue, sweep])
    }

    package func add(_ seal: Seal) throws {
        let it = seal.statement
        try run(
            "INSERT INTO seals VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                it.environment.rawValue, it.number, it.day, it.revision, it.sweep, it.sealed, seal.path,
                seal.hash.description,
            ])
    }
}

extension [UInt8] {
    /// As a BLOB.
    fileprivate var databaseValue: DatabaseValue { Data(self).databaseValue }
}
