package import Archive
internal import GRDB
package import Webhooks

/// How many events there are, by day, type and business.
package struct Statistics: Encodable, Sendable {
    package struct Day: Encodable, Sendable {
        package var environment: Environment
        package var day: String
        package var counts: Counts

        enum CodingKeys: String, CodingKey {
            case environment, day, received, archived, redelivered, quarantined, released, discarded, bytes
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(environment, forKey: .environment)
            try container.encode(day, forKey: .day)
            try container.encode(counts.received, forKey: .received)
            try container.encode(counts.archived, forKey: .archived)
            try container.encode(counts.redelivered, forKey: .redelivered)
            try container.encode(counts.quarantined, forKey: .quarantined)
            try container.encode(counts.released, forKey: .released)
            try container.encode(counts.discarded, forKey: .discarded)
            try container.encode(counts.bytes, forKey: .bytes)
        }
    }

    package struct TypeCount: Encodable, Sendable {
        package var environment: Environment
        package var type: String
        package var events: Int
    }

    package struct BusinessSum: Encodable, Sendable {
        package var environment: Environment
        /// nil for what is unassigned.
        package var business: String?
        package var events: Int
        package var redeliveries: Int
        package var firstDay: String
        package var lastDay: String
        package var gzipBytes: Int

        enum CodingKeys: String, CodingKey {
            case environment, business, events, redeliveries
            case firstDay = "first_day"
            case lastDay = "last_day"
            case gzipBytes = "gzip_bytes"
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(environment, forKey: .environment)
            try container.encode(business, forKey: .business)
            try container.encode(events, forKey: .events)
            try container.encode(redeliveries, forKey: .redeliveries)
            try container.encode(firstDay, forKey: .firstDay)
            try container.encode(lastDay, forKey: .lastDay)
            try container.encode(gzipBytes, forKey: .gzipBytes)
        }
    }

    /// By day of receipt: what the scans counted. For one business: its events by the day of their first receipt, and
    /// redeliveries by their own.
    package var days: [Day] = []
    package var types: [TypeCount] = []
    package var businesses: [BusinessSum] = []
}

extension IndexSnapshot {
    package func statistics(_ selection: Selection) throws -> Statistics {
        let (condition, arguments) = selection.condition
        var statistics = Statistics()
        if selection.business == nil {
            statistics.days = try dayCounts(selection).map {
                .init(environment: $0.environment, day: $0.day, counts: $0.counts)
            }
        } else {
            statistics.days = try Row.fetchAll(
                db,
                sql: """
                    SELECT environment, day, sum(archived) AS archived, sum(redelivered) AS redelivered,
                           sum(archived + redelivered) AS received, 0 AS quarantined, 0 AS released, 0 AS discarded,
                           sum(bytes) AS bytes
                    FROM (
                      SELECT environment, day, lines AS archived, 0 AS redelivered,
                        (SELECT sum(size) FROM events WHERE events.archive = archives.archive) AS bytes
                      FROM archives WHERE \(condition)
                      UNION ALL SELECT environment, day, 0,
                        (SELECT count(*) FROM redeliveries WHERE redeliveries.ledger = ledgers.ledger), 0
                      FROM ledgers WHERE \(condition))
                    GROUP BY environment, day ORDER BY environment, day
                    """,
                arguments: arguments + arguments
            ).compactMap { row in
                Environment(rawValue: row["environment"]).map {
                    .init(environment: $0, day: row["day"], counts: Self.counts(row))
                }
            }
        }
        statistics.types = try Row.fetchAll(
            db,
            sql: """
                SELECT environment, type, count(*) AS events FROM events JOIN archives USING (archive)
                WHERE \(condition) GROUP BY environment, type ORDER BY environment, events DESC, type
                """,
            arguments: arguments
        ).compactMap { row in
            Environment(rawValue: row["environment"]).map {
                .init(environment: $0, type: row["type"], events: row["events"])
            }
        }
        statistics.businesses = try Row.fetchAll(
            db,
            sql: """
                SELECT environment, business, sum(lines) AS events, min(day) AS first_day, max(day) AS last_day,
                  sum(gzip_bytes) AS gzip_bytes,
                  (SELECT count(*) FROM redeliveries JOIN ledgers USING (ledger)
                   WHERE ledgers.environment = archives.environment AND ledgers.business IS archives.business
                     AND ledgers.day BETWEEN ? AND ?) AS redeliveries
                FROM archives WHERE \(condition) GROUP BY environment, business
                ORDER BY environment, events DESC, business
                """,
            arguments: [selection.from?.description ?? "", selection.to?.description ?? "9999-12-31"] + arguments
        ).compactMap { row in
            Environment(rawValue: row["environment"]).map {
                .init(
                    environment: $0, business: row["business"], events: row["events"],
                    redeliveries: row["redeliveries"], firstDay: row["first_day"], lastDay: row["last_day"],
                    gzipBytes: row["gzip_bytes"])
            }
        }
        return statistics
    }

    /// How many redeliveries there are, and how many of them have other bytes than their event.
    package func redeliveryCounts() throws -> (all: Int, differing: Int) {
        guard let row = try row("SELECT count(*) AS n, coalesce(sum(differing), 0) AS d FROM redeliveries", []) else {
            return (0, 0)
        }
        return (row["n"], row["d"])
    }

    /// An archive, and whether a seal covers all of its lines.
    package struct ListedArchive: Sendable {
        package var file: IndexedFile
        package var isSealed: Bool
    }

    /// The archives of a selection, by environment, business and day.
    package func list(_ selection: Selection) throws -> [ListedArchive] {
        let sealed = try Row.fetchAll(
            db, sql: "SELECT environment, day, max(sweep) AS sweep FROM seals GROUP BY environment, day"
        ).reduce(into: [String: Int]()) { $0["\($1["environment"] as String) \($1["day"] as String)"] = $1["sweep"] }
        return try files(.archives, selection).map {
            ListedArchive(file: $0, isSealed: sealed["\($0.environment) \($0.day)", default: 0] >= $0.sweep)
        }
    }
}
