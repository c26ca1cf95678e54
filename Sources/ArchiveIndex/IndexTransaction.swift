package import Archive
internal import Foundation
internal import GRDB
package import Webhooks

/// What a sweep looks up and adds, all of it committed at once. Only valid within the call that gave it.
///
/// Rows must be added in the order of (environment, receipt time, id): the order in which a rebuild adds them.
package struct IndexTransaction {
    let db: Database

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

/// The event that a delivery repeats.
package struct NearestEvent: Equatable, Sendable {
    package var row: Int64
    package var id: DeliveryID
    /// Of first receipt.
    package var time: Timestamp
    package var hash: ContentHash
    package var business: Business
}

extension IndexSnapshot {
    /// What became of the delivery of this id; nil where it is not known in this environment.
    package func known(_ id: DeliveryID, in environment: Environment) throws -> KnownDelivery? {
        let found = try row(
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
            """, [id.description, environment.rawValue])
        guard let found else { return nil }
        guard let hash = ContentHash(bytes: found["sha256"] as Data),
            let fate = KnownDelivery.Fate(rawValue: found["fate"])
        else { throw IndexError.corrupt(db.description, "the fate of \(id) does not read") }
        return KnownDelivery(fate: fate, hash: hash, sweep: found["sweep"])
    }

    /// The event of this fingerprint whose first receipt is nearest to `time`; nil where there is none.
    package func nearestEvent(_ fingerprint: Fingerprint, to time: Timestamp) throws -> NearestEvent? {
        let found = try row(
            """
            SELECT event, id, received, events.sha256, business FROM events JOIN archives USING (archive)
            WHERE fingerprint = ? ORDER BY abs(received - ?), event LIMIT 1
            """, [fingerprint.bytes.databaseValue, time.milliseconds])
        guard let found else { return nil }
        guard let id = DeliveryID(found["id"] as String), let hash = ContentHash(bytes: found["sha256"] as Data) else {
            throw IndexError.corrupt(db.description, "a row of events does not read")
        }
        return NearestEvent(
            row: found["event"], id: id, time: Timestamp(milliseconds: found["received"]), hash: hash,
            business: Business(found["business"]))
    }

    /// The first row id that no row of this kind of file has.
    package func nextRow(_ kind: IndexedFile.Kind) throws -> Int64 {
        let key = kind == .archives ? "archive" : "ledger"
        return try Int64.fetchOne(db, sql: "SELECT coalesce(max(\(key)), 0) + 1 FROM \(kind.rawValue)") ?? 1
    }
}

// MARK: - What is added

extension IndexTransaction {
    package func addEvent(
        id: DeliveryID, time: Timestamp, type: String, size: Int, hash: ContentHash, fingerprint: Fingerprint,
        archive: Int64, line: Int, sweep: Int
    ) throws {
        try run(
            """
            INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                sweep, archive, line, id.description, time.milliseconds, type, size, hash.bytes.databaseValue,
                fingerprint.bytes.databaseValue,
            ])
    }

    package func addRedelivery(
        _ line: LedgerLine.Redelivery, of event: Int64, ledger: Int64, line number: Int, sweep: Int
    ) throws {
        try run(
            """
            INSERT INTO redeliveries (sweep, ledger, line, event, id, received, sha256, differing)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                sweep, ledger, number, event, line.id.description, line.time.milliseconds,
                line.hash.bytes.databaseValue,
                line.differing == nil ? 0 : 1,
            ])
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

    /// Adds a file, or notes that it grew.
    package func put(_ file: IndexedFile) throws {
        let key = file.kind == .archives ? "archive" : "ledger"
        try run(
            """
            INSERT INTO \(file.kind.rawValue) (\(key), environment, business, day, path, lines, text_bytes, gzip_bytes,
              crc32, sha256, first_sweep, sweep)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (\(key)) DO UPDATE SET lines = excluded.lines, text_bytes = excluded.text_bytes,
              gzip_bytes = excluded.gzip_bytes, crc32 = excluded.crc32, sha256 = excluded.sha256, sweep = excluded.sweep
            """,
            [
                file.row, file.environment.rawValue, file.business.name, file.day.description, file.path,
                file.state.lines, file.state.textBytes, file.state.gzipBytes, Int64(file.state.crc32),
                file.state.hash.description, file.firstSweep, file.sweep,
            ])
    }

    /// Adds blocks to an archive, the first of them at this line and this byte.
    package func add(_ blocks: [GzipBlock], to archive: Int64, firstLine: Int, offset: Int) throws {
        var (firstLine, offset) = (firstLine, offset)
        for block in blocks {
            try run(
                """
                INSERT INTO blocks (archive, first_line, lines, offset, gzip_bytes, text_bytes, crc32, sha256)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    archive, firstLine, block.lines, offset, block.gzipBytes, block.textBytes, Int64(block.crc32),
                    block.hash.bytes.databaseValue,
                ])
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
