internal import Archive
internal import GRDB
internal import Webhooks

extension IndexSnapshot {
    package func statistics(_ selection: Selection) throws -> Statistics {
        let (condition, arguments) = selection.condition
        var statistics = Statistics()
        if selection.businesses.isEmpty {
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
                SELECT environment, business, sum(lines) AS events, min(first_day) AS first_day,
                  max(first_day) AS last_day, sum(gzip_bytes) AS gzip_bytes, sum(redeliveries) AS redeliveries
                FROM (
                  SELECT environment, business, lines, day AS first_day, gzip_bytes, 0 AS redeliveries
                  FROM archives WHERE \(condition)
                  UNION ALL
                  SELECT environment, business, 0, NULL, 0,
                    (SELECT count(*) FROM redeliveries WHERE redeliveries.ledger = ledgers.ledger)
                  FROM ledgers WHERE \(condition))
                GROUP BY environment, business HAVING min(first_day) IS NOT NULL
                ORDER BY environment, events DESC, business
                """,
            arguments: arguments + arguments
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

    /// Counts the events that match, by the day of their first receipt, with all their redeliveries.
    ///
    /// - Parameter query: Without a condition on payloads, which the index does not have, and whatever its limit.
    package func statistics(of query: EventQuery) throws -> Statistics {
        precondition(query.isOfIndex, "the index has no payloads")
        if query.isOfFiles { return try statistics(query.selection) }
        let (selected, arguments) = query.selectionOfFiles.condition
        let (rows, more) = query.rows
        // The groups are in order, and each is read once, so memory holds the sums alone.
        let groups = try Row.fetchCursor(
            db,
            sql: """
                SELECT environment, business, day, type, count(*) AS events, sum(size) AS bytes,
                  sum((SELECT count(*) FROM redeliveries WHERE redeliveries.event = events.event)) AS redeliveries
                FROM events JOIN (SELECT archive, environment, business, day FROM archives WHERE \(selected)) USING (archive)
                WHERE \(rows) AND NOT EXISTS (SELECT 1 FROM tombstones WHERE tombstones.event = events.event)
                GROUP BY environment, business, day, type
                """, arguments: arguments + more)
        var sums = StatisticsSums()
        while let row = try groups.next() { sums.add(row) }
        return sums.statistics
    }

    /// Returns how many redeliveries there are, and how many of them differ from their event.
    package func redeliveryCounts() throws -> (all: Int, differing: Int) {
        guard let row = try row("SELECT count(*) AS n, coalesce(sum(differing > 0), 0) AS d FROM redeliveries", [])
        else {
            return (0, 0)
        }
        return (row["n"], row["d"])
    }

    /// An archive, and whether a seal covers all of its lines.
    package struct ListedArchive: Sendable {
        package var file: IndexedFile
        package var isSealed: Bool
    }

    /// Returns the number of events in the largest archive of a selection, or 0.
    package func mostEvents(_ selection: Selection) throws -> Int {
        let (condition, arguments) = selection.condition
        return try Int.fetchOne(db, sql: "SELECT max(lines) FROM archives WHERE \(condition)", arguments: arguments)
            ?? 0
    }

    /// Calls `body` with the archives of a selection, by environment, business, and day. Memory holds one of them.
    package func forEachListed(_ selection: Selection, _ body: (ListedArchive) throws -> Void) throws {
        let sealed = try Row.fetchAll(
            db, sql: "SELECT environment, day, max(sweep) AS sweep FROM seals GROUP BY environment, day"
        ).reduce(into: [String: Int]()) { $0["\($1["environment"] as String) \($1["day"] as String)"] = $1["sweep"] }
        try forEachFile(.archives, in: selection) {
            try body(ListedArchive(file: $0, isSealed: sealed["\($0.environment) \($0.day)", default: 0] >= $0.sweep))
        }
    }
}
