package import Archive
internal import Foundation
internal import GRDB
package import Webhooks

/// Finds out what a sweep would make of deliveries that are not in the spool, without changing anything.
///
/// The deliveries are kept in a temporary database, and decided on in the order of receipt, as a sweep does. Damaged files and
/// deliveries in the spool are not considered.
package final class SweepForecast {
    package struct Delivery: Sendable {
        package var id: DeliveryID
        package var time: Timestamp
        package var hash: ContentHash
        /// Where the delivery comes from, as text.
        package var source: String
        /// What the delivery would become, or why it cannot become an event.
        package var content: Content

        package enum Content: Sendable {
            /// - Parameter replayed: The event that the delivery claims to be a replay of, or `nil`.
            case event(Business, Fingerprint, replayed: DeliveryID?)
            case rejected(reason: String)
        }

        package init(id: DeliveryID, time: Timestamp, hash: ContentHash, source: String, content: Content) {
            self.id = id
            self.time = time
            self.hash = hash
            self.source = source
            self.content = content
        }
    }

    package enum Outcome: Equatable, Sendable {
        case event(Business)
        /// A redelivery of this event.
        case redelivery(of: DeliveryID)
        case quarantine(reason: String)
        /// The archive has it already.
        case archived
        /// An earlier delivery has the same id and payload.
        case repeated
        /// Its day was pruned by this record, so it would stay in the spool.
        case pruned(record: Int)
    }

    private let database: ScratchDatabase

    package init() throws {
        database = try ScratchDatabase(
            """
            CREATE TABLE deliveries (
              time INTEGER NOT NULL, id TEXT NOT NULL, sha256 BLOB NOT NULL, source TEXT NOT NULL, reason TEXT,
              business TEXT, fingerprint BLOB, replayed TEXT);
            CREATE TABLE events (fingerprint BLOB NOT NULL, time INTEGER NOT NULL, id TEXT NOT NULL);
            CREATE INDEX events_by_fingerprint ON events (fingerprint, time);
            """, cache: 16_384)
    }

    package func add(_ deliveries: [Delivery]) throws {
        try database.write { db in
            let statement = try db.cachedStatement(sql: "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            for it in deliveries {
                var values: [(any DatabaseValueConvertible)?] = [
                    it.time.milliseconds, it.id.description, Data(it.hash.bytes), it.source,
                ]
                switch it.content {
                case .event(let business, let fingerprint, let replayed):
                    values += [nil, business.name, Data(fingerprint.bytes), replayed?.description]
                case .rejected(let reason): values += [reason, nil, nil, nil]
                }
                try statement.execute(arguments: StatementArguments(values))
            }
        }
    }

    /// Calls `body` with each delivery and what would become of it, in the order of receipt.
    ///
    /// - Parameters:
    ///   - window: How far a redelivery may be from its event, in milliseconds; 0 for never.
    ///   - snapshot: The index of the archive, or `nil` if there is none.
    package func forEachOutcome(
        in environment: Environment, within window: Int64, _ snapshot: IndexSnapshot?, calendar: DayCalendar,
        _ body: (Delivery, Outcome) throws -> Void
    ) throws {
        let pruned = try snapshot?.prunedDays(environment) ?? [:]
        let transaction = snapshot.map { IndexTransaction($0.db) }
        try database.write { db in
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM deliveries ORDER BY time, id, rowid")
            var last: DeliveryID?
            while let row = try rows.next() {
                let delivery = try Self.delivery(row)
                defer { last = delivery.id }
                if last == delivery.id {
                    try body(delivery, .repeated)
                    continue
                }
                if let known = try snapshot?.known(delivery.id, in: environment), known.outcome != .released {
                    try body(delivery, .archived)
                    continue
                }
                if let record = pruned[calendar.day(of: delivery.time)] {
                    try body(delivery, .pruned(record: record))
                    continue
                }
                switch delivery.content {
                case .rejected(let reason): try body(delivery, .quarantine(reason: reason))
                case .event(let business, let fingerprint, let replayed):
                    if let replayed, try snapshot?.event(replayed, in: environment)?.hash == delivery.hash {
                        try body(delivery, .redelivery(of: replayed))
                        continue
                    }
                    if window > 0,
                        let id = try Self.nearest(fingerprint, to: delivery.time, within: window, transaction, db)
                    {
                        try body(delivery, .redelivery(of: id))
                    } else {
                        try db.cachedStatement(sql: "INSERT INTO events VALUES (?, ?, ?)").execute(
                            arguments: [
                                Data(fingerprint.bytes), delivery.time.milliseconds, delivery.id.description,
                            ])
                        try body(delivery, .event(business))
                    }
                }
            }
        }
    }

    /// Returns the event of the archive or of the forecast that is nearest in time.
    private static func nearest(
        _ fingerprint: Fingerprint, to time: Timestamp, within window: Int64, _ transaction: IndexTransaction?,
        _ db: Database
    ) throws -> DeliveryID? {
        let archived = try transaction?.nearestEvent(fingerprint, to: time, within: window)
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id, abs(time - ?1) AS distance FROM events
                    WHERE fingerprint = ?2 AND time BETWEEN ?1 - ?3 AND ?1 + ?3 ORDER BY distance, rowid LIMIT 1
                    """), arguments: [time.milliseconds, Data(fingerprint.bytes), min(window, 1 << 60)])
        guard let row, let id = DeliveryID(row["id"] as String) else { return archived?.id }
        if let archived, abs(archived.time.milliseconds - time.milliseconds) <= row["distance"] { return archived.id }
        return id
    }

    private static func delivery(_ row: Row) throws -> Delivery {
        guard let id = DeliveryID(row["id"] as String), let hash = ContentHash(bytes: row["sha256"] as Data) else {
            throw IndexError.corrupt("the temporary database", "a row of deliveries cannot be read")
        }
        let content: Delivery.Content
        if let bytes = row["fingerprint"] as Data?, let fingerprint = bytes.withUnsafeBytes({ Fingerprint(bytes: $0) })
        {
            let replayed = (row["replayed"] as String?).flatMap { DeliveryID($0) }
            content = .event(Business(row["business"]), fingerprint, replayed: replayed)
        } else {
            content = .rejected(reason: row["reason"] ?? "")
        }
        return Delivery(
            id: id, time: Timestamp(milliseconds: row["time"]), hash: hash, source: row["source"], content: content)
    }
}
