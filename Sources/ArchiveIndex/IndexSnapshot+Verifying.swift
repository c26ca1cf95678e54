package import Archive
internal import GRDB
package import Webhooks

extension IndexSnapshot {
    /// The index's row for a line, in a form that archives and ledgers share. It is valid until the next row is
    /// read.
    package struct LineRow {
        fileprivate let columns: DirectStatement.Columns

        package enum Kind: Int64 { case event, redelivery, quarantine }

        package var kind: Kind? { Kind(rawValue: columns.int(0)) }
        package var line: Int { Int(columns.int(1)) }
        package var id: DeliveryID? { columns.id(2) }
        package var time: Timestamp { Timestamp(milliseconds: columns.int(3)) }
        package var hash: ContentHash? { columns.hash(4) }
        package var sweep: Int { Int(columns.int(5)) }
        /// The size of an event's or a quarantined payload, in bytes; for a redelivery, the value of `differing`.
        package var size: Int { Int(columns.int(7)) }
        /// The event that a redelivery repeats.
        package var event: DeliveryID? { columns.id(6) }
        /// Whether the event that a redelivery repeats was pruned.
        package var isOfPrunedEvent: Bool { columns.isNull(6) }
        /// The type of an event.
        package var fingerprint: Fingerprint? { Fingerprint(bytes: columns.bytes(8)) }
        /// The reason of a quarantine.
        package var at: Int? { columns.isNull(8) ? nil : Int(columns.int(8)) }

        /// The type of an event, or the reason of a quarantine.
        package var detail: String { String(decoding: columns.bytes(6), as: UTF8.self) }

        /// Returns whether this is the type of the event.
        package func isDetail(_ type: LineValue) -> Bool { type.equals(columns.bytes(6)) }

        /// Returns whether this is the type of the event, or the reason of the quarantine.
        package func isDetail(_ reason: String) -> Bool { columns.bytes(6).elementsEqual(reason.utf8) }
    }

    /// The index's rows for the lines of one file, in the order of the lines.
    package struct LineRows: ~Copyable {
        fileprivate var rows: DirectStatement.Rows

        /// Returns the next row, which is valid until the next call, or `nil` after the last.
        package mutating func next() throws -> LineRow? { try rows.next().map(LineRow.init) }
    }

    /// Returns the rows for the lines of an archive file or a ledger.
    package func lineRows(of file: IndexedFile) throws -> LineRows {
        let statement =
            switch file.kind {
            case .archives:
                try DirectStatement(
                    db,
                    """
                    SELECT 0, line, id, received, sha256, sweep, type, size, fingerprint FROM events
                    WHERE archive = ?1 ORDER BY line
                    """)
            case .ledgers:
                try DirectStatement(
                    db,
                    """
                    SELECT 1, r.line AS line, r.id, r.received, r.sha256, r.sweep,
                      iif(r.event = 0, NULL, coalesce(events.id, '')), differing, NULL
                    FROM redeliveries AS r LEFT JOIN events USING (event) WHERE ledger = ?1
                    UNION ALL
                    SELECT 2, line, id, received, sha256, sweep, reason, size, at FROM quarantine WHERE ledger = ?1
                    ORDER BY line
                    """)
            }
        return LineRows(rows: statement.rows { $0.bind(1, file.row) })
    }

    /// The index's record of a decision on a quarantined delivery.
    package struct IndexedDecision {
        /// The line of the quarantine in its ledger.
        package var line: Int
        package var state: String?
        package var by: String?
        package var at: String?
        package var sweep: Int
    }

    /// Returns the decision on the last quarantine of a delivery before a line of a ledger.
    package func decision(on id: DeliveryID, before line: Int, in ledger: IndexedFile) throws -> IndexedDecision? {
        try DirectStatement(
            db,
            """
            SELECT line, state, decided_by, decided_at, decided_in FROM quarantine
            WHERE id = ?1 AND +ledger = ?2 AND line < ?3 ORDER BY line DESC LIMIT 1
            """
        ).first {
            $0.bind(1, id)
            $0.bind(2, ledger.row)
            $0.bind(3, line)
        } _: {
            IndexedDecision(
                line: Int($0.int(0)), state: $0.text(1), by: $0.text(2), at: $0.text(3), sweep: Int($0.int(4)))
        }
    }

    /// Returns the decisions on quarantines of a ledger by the sweep that recorded them.
    package func decisions(in ledger: IndexedFile) throws -> [Int: [LedgerLine]] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM quarantine WHERE ledger = ? AND decided_in IS NOT NULL", arguments: [ledger.row])
        return rows.reduce(into: [:]) { sweeps, row in
            guard let id = DeliveryID(row["id"] as String), let at = Timestamp(row["decided_at"] as String) else {
                return
            }
            let decision = LedgerLine.Decision(id: id, by: row["decided_by"], at: at)
            let isReleased = row["state"] == QuarantineEntry.State.released.rawValue
            sweeps[row["decided_in"], default: []].append(isReleased ? .release(decision) : .discard(decision))
        }
    }

    /// Returns how many quarantines of a ledger were decided on, according to the index.
    package func decidedRows(of ledger: IndexedFile) throws -> Int {
        try DirectStatement(
            db,
            """
            SELECT count(*) FROM quarantine WHERE ledger = ?1
              AND (state <> 'held' OR coalesce(decided_in, decided_by, decided_at) IS NOT NULL)
            """
        ).first {
            $0.bind(1, ledger.row)
        } _: {
            Int($0.int(0))
        } ?? 0
    }

    /// The index's rows for the blocks of one archive file, in the order of the blocks.
    package struct BlockRows: ~Copyable {
        fileprivate var rows: DirectStatement.Rows

        /// Returns the next row, which is valid until the next call, or `nil` after the last.
        package mutating func next() throws -> BlockRow? { try rows.next().map(BlockRow.init) }
    }

    /// One row of the table `blocks`.
    package struct BlockRow {
        fileprivate let columns: DirectStatement.Columns

        /// Whether the row describes exactly this block.
        package func matches(_ block: IndexedBlock) -> Bool {
            columns.int(0) == block.firstLine && columns.int(1) == block.offset && columns.int(2) == block.block.lines
                && columns.int(3) == block.block.textBytes && columns.int(4) == block.block.gzipBytes
                && columns.int(5) == block.block.crc32 && columns.hash(6) == block.block.hash
        }
    }

    /// Returns the rows for the blocks of a file. A ledger has none.
    package func blockRows(of file: IndexedFile) throws -> BlockRows {
        let statement = try DirectStatement(
            db,
            """
            SELECT first_line, offset, lines, text_bytes, gzip_bytes, crc32, sha256 FROM blocks
            WHERE archive = ?1 AND ?2 ORDER BY first_line
            """)
        return BlockRows(
            rows: statement.rows {
                $0.bind(1, file.row)
                $0.bind(2, file.kind == .archives ? 1 : 0)
            })
    }

    /// Returns whether a file with this path is known.
    package func knows(_ kind: IndexedFile.Kind, path: String) throws -> Bool {
        try DirectStatement(db, "SELECT 1 FROM \(kind.rawValue) WHERE path = ?").first {
            $0.bind(1, text: path)
        } _: { _ in
            true
        } ?? false
    }

    /// The index's rows for a sweep's record.
    package struct SweepRow {
        package var record: SweepRecord
        package var total: Counts
        package var compressed: Int
    }

    /// Returns all sweeps, ascending, with records that list no files.
    package func sweeps() throws -> [SweepRow] {
        var days: [Int: [SweepRecord.DayCounts]] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM sweep_days ORDER BY environment, day")
        while let row = try rows.next() {
            let environment = Environment(rawValue: row["environment"])
            guard let environment else {
                throw IndexError.corrupt(db.description, "a row of sweep_days cannot be read")
            }
            days[row["sweep"], default: []].append(
                SweepRecord.DayCounts(environment: environment, day: row["day"], counts: Self.counts(row)))
        }
        return try Row.fetchAll(
            db,
            sql: """
                SELECT sweeps.*, decided_by, reason, 0 AS released, 0 AS discarded
                FROM sweeps LEFT JOIN decisions USING (sweep) ORDER BY sweep
                """
        ).map { row in
            guard let kind = SweepRecord.Kind(rawValue: row["kind"]) else {
                throw IndexError.corrupt(db.description, "a row of sweeps cannot be read")
            }
            var record = SweepRecord(
                sweep: row["sweep"], kind: kind, started: row["started"], days: days[row["sweep"]] ?? [], files: [])
            (record.by, record.reason) = (row["decided_by"], row["reason"])
            if kind == .hold || kind == .holdRelease { try addHold(to: &record) }
            return SweepRow(record: record, total: Self.counts(row), compressed: row["compressed"])
        }
    }

    /// The columns of ``Counts``.
    static func counts(_ row: Row) -> Counts {
        var counts = Counts()
        counts.received = row["received"]
        counts.archived = row["archived"]
        counts.redelivered = row["redelivered"]
        counts.quarantined = row["quarantined"]
        counts.released = row["released"]
        counts.discarded = row["discarded"]
        counts.bytes = row["bytes"]
        return counts
    }
}
