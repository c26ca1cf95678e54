internal import Archive
internal import Foundation
internal import GRDB
internal import Webhooks

extension IndexSnapshot {
    /// What the index says of a line, in a form that archives and ledgers share.
    struct LineRow: Equatable {
        var id: DeliveryID
        var time: Timestamp
        var hash: ContentHash
        /// The type of an event, the event of a redelivery, the reason of a quarantine.
        var detail: String
        /// Of an event's or quarantined payload, in bytes; 1 for a redelivery that differs.
        var size: Int
        var fingerprint: [UInt8] = []
        var isDecision = false

        static let decision = LineRow(
            id: DeliveryID(hash: ContentHash(of: [])), time: Timestamp(milliseconds: 0), hash: ContentHash(of: []),
            detail: "", size: 0, isDecision: true)
    }

    /// The rows of a file's lines, in their order.
    struct LineRows {
        let cursor: RowCursor

        mutating func next() throws -> LineRow? {
            guard let row = try cursor.next() else { return nil }
            guard let id = DeliveryID(row["id"] as String), let hash = ContentHash(bytes: row["sha256"] as Data) else {
                throw IndexError.corrupt("index.sqlite", "the row of a line does not read")
            }
            return LineRow(
                id: id, time: Timestamp(milliseconds: row["received"]), hash: hash, detail: row["detail"],
                size: row["size"], fingerprint: Array((row["fingerprint"] as Data?) ?? Data()))
        }
    }

    func rows(of file: IndexedFile) throws -> LineRows {
        switch file.kind {
        case .archives:
            LineRows(
                cursor: try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT id, received, sha256, type AS detail, size, fingerprint FROM events
                        WHERE archive = ? ORDER BY line
                        """,
                    arguments: [file.row]))
        case .ledgers:
            LineRows(
                cursor: try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT r.id, r.received, r.sha256, events.id AS detail, differing AS size, NULL AS fingerprint,
                               r.line AS line
                        FROM redeliveries AS r JOIN events USING (event) WHERE ledger = ?1
                        UNION ALL
                        SELECT id, received, sha256, reason, size, NULL, line FROM quarantine WHERE ledger = ?1
                        ORDER BY line
                        """,
                    arguments: [file.row]))
        }
    }

    struct SweepRow {
        var sweep: Int
        var total: Counts
        var compressed: Int
    }

    /// All sweeps, ascending, with the sums of their days.
    func sweeps() throws -> [SweepRow] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT sweeps.sweep, compressed, coalesce(sum(d.received), 0) AS received,
                  coalesce(sum(d.archived), 0) AS archived, coalesce(sum(d.redelivered), 0) AS redelivered,
                  coalesce(sum(d.quarantined), 0) AS quarantined, coalesce(sum(d.released), 0) AS released,
                  coalesce(sum(d.discarded), 0) AS discarded, coalesce(sum(d.bytes), 0) AS bytes
                FROM sweeps LEFT JOIN sweep_days AS d ON d.sweep = sweeps.sweep GROUP BY sweeps.sweep ORDER BY 1
                """
        ).map { SweepRow(sweep: $0["sweep"], total: Self.counts($0), compressed: $0["compressed"]) }
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
