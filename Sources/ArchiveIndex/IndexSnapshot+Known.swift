internal import Archive
internal import Foundation
internal import GRDB
package import Webhooks

extension IndexSnapshot {
    /// Returns whether any delivery is known with an id in this range, in either environment.
    ///
    /// Ids sort by receipt, so for deliveries received just now this is one look-up in place of many calls of
    /// ``known(_:in:)``.
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

    /// Returns what became of the delivery with this id, or `nil` if it is not known in this environment.
    package func known(_ id: DeliveryID, in environment: Environment) throws -> KnownDelivery? {
        try DirectStatement(
            db,
            """
            SELECT 'event' AS outcome, events.sha256, events.sweep FROM events JOIN archives USING (archive)
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
            guard let outcome = row.text(0).flatMap(KnownDelivery.Outcome.init), let hash = row.hash(1) else {
                throw IndexError.corrupt(db.description, "the outcome of \(id) cannot be read")
            }
            return KnownDelivery(outcome: outcome, hash: hash, sweep: Int(row.int(2)))
        }
    }

    /// Returns the event with this id, or `nil` if it is not known in this environment.
    package func event(_ id: DeliveryID, in environment: Environment) throws -> RepeatedEvent? {
        try row(
            """
            SELECT event, received, events.sha256, business FROM events JOIN archives USING (archive)
            WHERE id = ? AND environment = ?
            """, [id.description, environment.rawValue]
        ).map { row in
            guard let hash = ContentHash(bytes: row["sha256"] as Data) else {
                throw IndexError.corrupt(db.description, "the row of the event \(id) cannot be read")
            }
            return RepeatedEvent(
                row: row["event"], id: id, time: Timestamp(milliseconds: row["received"]), hash: hash,
                business: Business(row["business"]))
        }
    }

    /// Returns the first row id after all rows of this kind of file, also those of pruned days.
    package func nextRow(_ kind: IndexedFile.Kind) throws -> Int64 {
        let last = try Int64.fetchOne(db, sql: "SELECT coalesce(max(\(kind.key)), 0) FROM \(kind.rawValue)") ?? 0
        guard try hasPrunedDays() else { return last + 1 }
        let all = try Int64.fetchOne(
            db,
            sql: """
                SELECT (SELECT count(*) FROM \(kind.rawValue)) + (SELECT sum(\(kind.rawValue)) FROM pruned_days)
                """)
        return max(last, all ?? 0) + 1
    }

    /// A table of lines, each of which a sweep counts.
    enum Lines: String {
        case events, redeliveries, quarantine

        var key: String {
            switch self {
            case .events: "event"
            case .redeliveries: "redelivery"
            case .quarantine: "entry"
            }
        }

        /// The column of their counts.
        var count: String {
            switch self {
            case .events: "archived"
            case .redeliveries: "redelivered"
            case .quarantine: "quarantined"
            }
        }
    }

    /// Returns the next row id of lines if it is not the one after the last row: the last rows may be those of pruned days.
    func nextRow(of lines: Lines) throws -> Int64? {
        guard try hasPrunedDays() else { return nil }
        let last = try Int64.fetchOne(db, sql: "SELECT coalesce(max(\(lines.key)), 0) FROM \(lines.rawValue)") ?? 0
        let all = try Int64.fetchOne(db, sql: "SELECT coalesce(sum(\(lines.count)), 0) FROM sweeps") ?? 0
        return all > last ? all + 1 : nil
    }
}
