internal import GRDB
internal import Webhooks

/// What a copy of all events needs to know: which days have changed, and their events in the order of the copy.
extension IndexSnapshot {
    /// Returns the days that sweeps have archived events of, also those that were pruned, by environment and day.
    package func indexedDays() throws -> [IndexedDay] {
        let redeliveries = try redeliveriesByDay()
        return try Row.fetchAll(
            db,
            sql: """
                SELECT environment, day, max(sweep) AS sweep,
                  EXISTS (SELECT 1 FROM archives
                          WHERE archives.environment = changed.environment AND archives.day = changed.day) AS has_archives
                FROM (SELECT days.environment, days.day, days.sweep FROM sweep_days AS days JOIN sweeps USING (sweep)
                        WHERE kind IN ('erase', 'repair', 'prune') OR days.archived > 0
                      -- The days of a record that is lost are not known.
                      UNION ALL SELECT environment, day, sweep FROM archives
                        WHERE EXISTS (SELECT 1 FROM damage)) AS changed
                GROUP BY environment, day ORDER BY environment, day
                """
        ).map { row in
            guard let environment = Environment(rawValue: row["environment"]), let day = CivilDate(row["day"] as String)
            else { throw IndexError.corrupt(db.description, "a row of sweep_days cannot be read") }
            var indexed = IndexedDay(
                environment: environment, day: day, sweep: row["sweep"], hasArchives: row["has_archives"])
            if let found = redeliveries["\(environment) \(day)"] {
                (indexed.redeliveries, indexed.lastRedelivered) = found
            }
            return indexed
        }
    }

    /// Returns the number of redeliveries of the events of each day, and the last sweep that found one, by environment and day.
    private func redeliveriesByDay() throws -> [String: (count: Int, sweep: Int)] {
        var days: [String: (count: Int, sweep: Int)] = [:]
        let rows = try Row.fetchCursor(
            db,
            // Redeliveries are few, so they come first. Those of events that were pruned have no row in `events`.
            sql: """
                SELECT archives.environment, archives.day, count(*) AS count, max(redeliveries.sweep) AS sweep
                FROM redeliveries CROSS JOIN events USING (event) CROSS JOIN archives USING (archive)
                GROUP BY archives.environment, archives.day
                """)
        while let row = try rows.next() {
            days["\(row["environment"] as String) \(row["day"] as String)"] = (row["count"], row["sweep"])
        }
        return days
    }

    /// Calls `body` with each archive of a selection, by business, in the order of the bytes of the names, and by day.
    /// Events without a business are last. Memory holds one archive.
    package func forEachArchiveByBusiness(
        in selection: Selection, _ body: (IndexedFile) throws -> Void
    ) throws {
        let (condition, arguments) = selection.condition
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM archives WHERE \(condition) ORDER BY business IS NULL, business, day, path",
            arguments: arguments)
        while let row = try rows.next() { try body(file(row, .archives)) }
    }

    /// Calls `body` with each line of an archive that is an event, by time of receipt, and by id. Memory does not grow with
    /// their number.
    package func forEachLineByTime(of archive: IndexedFile, _ body: (IndexedLine) throws -> Void) throws {
        let statement = try DirectStatement(
            db,
            """
            SELECT line, sweep, (SELECT count(*) FROM redeliveries WHERE redeliveries.event = events.event)
            FROM events
            WHERE archive = ? AND NOT EXISTS (SELECT 1 FROM tombstones WHERE tombstones.event = events.event)
            ORDER BY received, id
            """)
        try statement.forEach {
            $0.bind(1, archive.row)
        } _: { row in
            try body(IndexedLine(number: Int(row.int(0)), sweep: Int(row.int(1)), redeliveries: Int(row.int(2))))
        }
    }

    /// Returns the compressed size of a selection's archives, in bytes.
    package func gzipBytesOfArchives(in selection: Selection) throws -> Int {
        let (condition, arguments) = selection.condition
        return try Int.fetchOne(
            db, sql: "SELECT coalesce(sum(gzip_bytes), 0) FROM archives WHERE \(condition)", arguments: arguments) ?? 0
    }

    /// Returns when a sweep started, RFC 3339 in UTC, or `nil` if the index does not have it.
    package func started(of sweep: Int) throws -> String? {
        try String.fetchOne(db, sql: "SELECT started FROM sweeps WHERE sweep = ?", arguments: [sweep])
    }
}
