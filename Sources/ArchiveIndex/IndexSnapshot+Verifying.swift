internal import Archive
internal import GRDB
internal import Webhooks

extension IndexSnapshot {
    /// What the index says of a line, in a form that archives and ledgers share; until the next one is asked for.
    struct LineRow {
        private let columns: DirectStatement.Columns

        enum Kind: Int64 { case event, redelivery, quarantine }

        init(_ columns: DirectStatement.Columns) { self.columns = columns }

        var kind: Kind? { Kind(rawValue: columns.int(0)) }
        var line: Int { Int(columns.int(1)) }
        var id: DeliveryID? { columns.id(2) }
        var time: Timestamp { Timestamp(milliseconds: columns.int(3)) }
        var hash: ContentHash? { columns.hash(4) }
        var sweep: Int { Int(columns.int(5)) }
        /// Of an event's or quarantined payload, in bytes; 1 for a redelivery that differs.
        var size: Int { Int(columns.int(7)) }
        /// The event of a redelivery.
        var event: DeliveryID? { columns.id(6) }
        /// Of an event.
        var fingerprint: Fingerprint? { Fingerprint(bytes: columns.bytes(8)) }
        /// Of a quarantine.
        var at: Int? { columns.isNull(8) ? nil : Int(columns.int(8)) }

        /// Whether this is the type of the event.
        func isDetail(_ type: LineValue) -> Bool { type.equals(columns.bytes(6)) }

        /// Whether this is the reason of the quarantine.
        func isDetail(_ reason: String) -> Bool { columns.bytes(6).elementsEqual(reason.utf8) }
    }

    /// The rows of a file's lines, in their order: see ``LineRow``.
    func lineRows(of file: IndexedFile) throws -> DirectStatement.Rows {
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
                    SELECT 1, r.line AS line, r.id, r.received, r.sha256, r.sweep, events.id, differing, NULL
                    FROM redeliveries AS r LEFT JOIN events USING (event) WHERE ledger = ?1
                    UNION ALL
                    SELECT 2, line, id, received, sha256, sweep, reason, size, at FROM quarantine WHERE ledger = ?1
                    ORDER BY line
                    """)
            }
        return statement.rows { $0.bind(1, file.row) }
    }

    /// What the index says was decided on a quarantined delivery.
    struct IndexedDecision {
        /// Of the quarantine.
        var line: Int
        var state: String?
        var by: String?
        var at: String?
        var sweep: Int
    }

    /// What was decided on the last quarantine of a delivery that stands in a ledger before a line.
    func decision(on id: DeliveryID, before line: Int, in ledger: IndexedFile) throws -> IndexedDecision? {
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

    /// How many quarantines of a ledger the index says were decided on.
    func decidedRows(of ledger: IndexedFile) throws -> Int {
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

    /// The blocks of an archive, in order: see ``IndexedBlock/isTold(_:)``. Of a ledger there are none.
    func blockRows(of file: IndexedFile) throws -> DirectStatement.Rows {
        try DirectStatement(
            db,
            """
            SELECT first_line, offset, lines, text_bytes, gzip_bytes, crc32, sha256 FROM blocks
            WHERE archive = ?1 AND ?2 ORDER BY first_line
            """
        ).rows {
            $0.bind(1, file.row)
            $0.bind(2, file.kind == .archives ? 1 : 0)
        }
    }

    /// Whether a file of this path is known.
    func knows(_ kind: IndexedFile.Kind, path: String) throws -> Bool {
        try DirectStatement(db, "SELECT 1 FROM \(kind.rawValue) WHERE path = ?").first {
            $0.bind(1, text: path)
        } _: { _ in
            true
        } ?? false
    }

    /// The rows that a sweep's record has in the index.
    struct SweepRow {
        var record: SweepRecord
        var total: Counts
        var compressed: Int
    }

    /// All sweeps, ascending. Their records tell of no file.
    func sweeps() throws -> [SweepRow] {
        var days: [Int: [SweepRecord.DayCounts]] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM sweep_days ORDER BY environment, day")
        while let row = try rows.next() {
            let environment = Environment(rawValue: row["environment"])
            guard let environment else { throw IndexError.corrupt(db.description, "a row of sweep_days does not read") }
            days[row["sweep"], default: []].append(
                SweepRecord.DayCounts(environment: environment, day: row["day"], counts: Self.counts(row)))
        }
        return try Row.fetchAll(
            db, sql: "SELECT *, 0 AS released, 0 AS discarded FROM sweeps ORDER BY sweep"
        ).map { row in
            guard let kind = SweepRecord.Kind(rawValue: row["kind"]) else {
                throw IndexError.corrupt(db.description, "a row of sweeps does not read")
            }
            let record = SweepRecord(
                sweep: row["sweep"], kind: kind, started: row["started"], days: days[row["sweep"]] ?? [], files: [])
            return SweepRow(record: record, total: Self.counts(row), compressed: row["compressed"])
        }
    }

    /// The columns that ``Counts`` has.
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

extension IndexedBlock {
    /// Whether a row of ``IndexSnapshot/blockRows(of:)`` tells the same.
    func isTold(_ row: DirectStatement.Columns) -> Bool {
        row.int(0) == firstLine && row.int(1) == offset && row.int(2) == block.lines && row.int(3) == block.textBytes
            && row.int(4) == block.gzipBytes && row.int(5) == block.crc32 && row.hash(6) == block.hash
    }
}
