package import Archive
internal import GRDB
package import Webhooks

extension IndexSnapshot {
    // MARK: - Tombstones

    /// An event whose line is gone.
    package struct GoneEvent: Equatable, Sendable {
        package let gone: Tombstone.Gone
        /// The record of who decided it.
        package let record: Int

        package init(gone: Tombstone.Gone, record: Int) {
            self.gone = gone
            self.record = record
        }
    }

    /// Returns what became of a line of an archive, or `nil` if it has its event.
    package func tombstone(ofLine line: Int, in archive: IndexedFile) throws -> GoneEvent? {
        try row(
            """
            SELECT gone, tombstones.sweep FROM events JOIN tombstones USING (event) WHERE archive = ? AND line = ?
            """, [archive.row, line]
        ).flatMap { row in
            Tombstone.Gone(rawValue: row["gone"]).map { GoneEvent(gone: $0, record: row["sweep"]) }
        }
    }

    /// Returns the lines of an archive whose events are gone.
    package func tombstones(in archive: IndexedFile) throws -> [Int: GoneEvent] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT line, gone, tombstones.sweep FROM events JOIN tombstones USING (event) WHERE archive = ?
                """, arguments: [archive.row])
        return rows.reduce(into: [:]) { lines, row in
            lines[row["line"]] = Tombstone.Gone(rawValue: row["gone"]).map {
                GoneEvent(gone: $0, record: row["sweep"])
            }
        }
    }

    /// Returns whether any sweep that may have changed a file after another wrote files again.
    package func wasRewritten(_ file: IndexedFile, since sweep: Int) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM sweeps WHERE kind IN ('erase', 'repair') AND sweep > ? AND sweep <= ?)
                """, arguments: [sweep, file.sweep]) ?? false
    }

    /// Returns whether files were written again, or removed, after a sweep.
    package func hasRewrites(after sweep: Int) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM sweeps WHERE kind IN ('erase', 'repair', 'prune') AND sweep > ?)",
            arguments: [sweep]) ?? false
    }

    /// Returns how many events of a selection are gone.
    package func goneEvents(_ selection: Selection) throws -> Int {
        let (condition, arguments) = selection.condition
        return try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM tombstones JOIN events USING (event) JOIN archives USING (archive)
                WHERE \(condition)
                """, arguments: arguments) ?? 0
    }

    /// Returns the lines of an archive that have their events, ascending.
    package func linesPresent(in archive: IndexedFile) throws -> [Int] {
        try Int.fetchAll(
            db,
            sql: """
                SELECT line FROM events LEFT JOIN tombstones USING (event)
                WHERE archive = ? AND gone IS NULL ORDER BY line
                """, arguments: [archive.row])
    }

    /// Returns the redeliveries of an event whose payloads differ from it and are not gone, by their lines in ledgers.
    package func differingRedeliveries(ofLine line: Int, in archive: IndexedFile) throws -> [(
        ledger: IndexedFile, line: Int
    )] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT ledgers.*, redeliveries.line AS number FROM events JOIN redeliveries USING (event)
                JOIN ledgers USING (ledger)
                WHERE archive = ? AND events.line = ? AND differing = 1 ORDER BY path, redeliveries.line
                """, arguments: [archive.row, line]
        ).map { (try file($0, .ledgers), $0["number"]) }
    }

    /// Returns the redeliveries of an archive's events whose payloads differ from these and are not gone, by their lines in
    /// ledgers.
    package func differingRedeliveries(ofEventsIn archive: IndexedFile) throws -> [(ledger: IndexedFile, line: Int)] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT ledgers.*, redeliveries.line AS number FROM events JOIN redeliveries USING (event)
                JOIN ledgers USING (ledger) WHERE archive = ? AND differing = 1
                """, arguments: [archive.row]
        ).map { (try file($0, .ledgers), $0["number"]) }
    }

    /// Returns the lines of a ledger whose payloads differ from their events' and are not gone, ascending.
    package func differingRedeliveries(in ledger: IndexedFile) throws -> [Int] {
        try Int.fetchAll(
            db, sql: "SELECT line FROM redeliveries WHERE ledger = ? AND differing = 1 ORDER BY line",
            arguments: [ledger.row])
    }

    // MARK: - Decisions

    /// What a person decided.
    package struct Decision: Equatable, Sendable {
        package let record: Int
        package let kind: SweepRecord.Kind
        /// RFC 3339, UTC.
        package let at: String
        package let by: String
        package let reason: String
    }

    /// Returns who decided what a record did, or `nil` if nobody had to.
    private func decision(_ record: Int) throws -> Decision? {
        try row("SELECT * FROM sweeps JOIN decisions USING (sweep) WHERE sweep = ?", [record]).flatMap(decision)
    }

    private func decision(_ row: Row) -> Decision? {
        SweepRecord.Kind(rawValue: row["kind"]).map {
            Decision(record: row["sweep"], kind: $0, at: row["started"], by: row["decided_by"], reason: row["reason"])
        }
    }

    // MARK: - Pruned days

    /// Returns the records that pruned days of an environment, by day.
    package func prunedDays(_ environment: Environment) throws -> [CivilDate: Int] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT day, sweep FROM pruned_days WHERE environment = ?", arguments: [environment.rawValue])
        return rows.reduce(into: [:]) { days, row in
            if let day = CivilDate(row["day"] as String) { days[day] = row["sweep"] }
        }
    }

    package func hasPrunedDays() throws -> Bool {
        try DirectStatement(db, "SELECT 1 FROM pruned_days LIMIT 1").first { _ in
        } _: { _ in
            true
        } ?? false
    }

    /// A day that has files, and whether it can be pruned.
    package struct DayOfFiles: Equatable, Sendable {
        package let environment: Environment
        package let day: CivilDate
        package let archives, ledgers: Int
        /// The number of lines in the archives.
        package let events: Int
        /// The compressed size of the files, in bytes.
        package let gzipBytes: Int
        /// The last sweep that changed a file.
        package let sweep: Int
        /// The last sweep that a seal of the day covers, or 0.
        package let sealedSweep: Int
        /// The number of deliveries that are still in quarantine.
        package let held: Int

        package var isSealed: Bool { sealedSweep >= sweep }
    }

    /// Returns the days before `day` that have files, ascending.
    package func days(before day: CivilDate, in environment: Environment) throws -> [DayOfFiles] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT day, sum(archives) AS archives, sum(ledgers) AS ledgers, sum(events) AS events,
                  sum(gzip_bytes) AS gzip_bytes, max(sweep) AS sweep,
                  coalesce((SELECT max(sweep) FROM seals WHERE environment = ?1 AND seals.day = files.day), 0) AS sealed,
                  (SELECT count(*) FROM quarantine JOIN ledgers USING (ledger)
                   WHERE environment = ?1 AND ledgers.day = files.day AND state = 'held') AS held
                FROM (
                  SELECT day, 1 AS archives, 0 AS ledgers, lines AS events, gzip_bytes, sweep FROM archives
                  WHERE environment = ?1 AND day < ?2
                  UNION ALL SELECT day, 0, 1, 0, gzip_bytes, sweep FROM ledgers WHERE environment = ?1 AND day < ?2
                ) AS files GROUP BY day ORDER BY day
                """, arguments: [environment.rawValue, day.description]
        ).compactMap { row in
            CivilDate(row["day"] as String).map {
                DayOfFiles(
                    environment: environment, day: $0, archives: row["archives"], ledgers: row["ledgers"],
                    events: row["events"], gzipBytes: row["gzip_bytes"], sweep: row["sweep"],
                    sealedSweep: row["sealed"], held: row["held"])
            }
        }
    }

    /// Returns when the last run of the batch started, which emptied the spool, or `nil` if there was none.
    package func lastSweepStart() throws -> Timestamp? {
        try String.fetchOne(db, sql: "SELECT started FROM sweeps WHERE kind = 'sweep' ORDER BY sweep DESC LIMIT 1")
            .flatMap { Timestamp($0) }
    }

    // MARK: - Holds

    /// Returns the holds in the order in which they were added.
    ///
    /// - Parameter all: Whether to include those that were released.
    package func holds(all: Bool = false) throws -> [IndexedHold] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT holds.*, kind, started, decided_by, reason
                FROM holds JOIN sweeps USING (sweep) JOIN decisions USING (sweep)
                WHERE ? OR released IS NULL ORDER BY sweep
                """, arguments: [all]
        ).map { row in
            guard let decision = decision(row) else {
                throw IndexError.corrupt(db.description, "a row of holds cannot be read")
            }
            let name: String? = row["business"]
            let isUnassigned = row["unassigned"] == 1
            return IndexedHold(
                decision: decision,
                selection: Selection(
                    environment: (row["environment"] as String?).flatMap { Environment(rawValue: $0) },
                    business: isUnassigned ? .unassigned : name.map { .named($0) },
                    from: (row["first_day"] as String?).flatMap { CivilDate($0) },
                    to: (row["last_day"] as String?).flatMap { CivilDate($0) }),
                released: try (row["released"] as Int?).flatMap { try self.decision($0) })
        }
    }

    /// Returns whether a selection has any archive or ledger.
    package func hasFiles(_ selection: Selection) throws -> Bool {
        let (condition, arguments) = selection.condition
        return try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM archives WHERE \(condition))
                  OR EXISTS (SELECT 1 FROM ledgers WHERE \(condition))
                """, arguments: arguments + arguments) ?? false
    }

    /// Adds to a record what the index has of its hold.
    func addHold(to record: inout SweepRecord) throws {
        if record.kind == .holdRelease {
            record.releasedHold = try Int.fetchOne(
                db, sql: "SELECT sweep FROM holds WHERE released = ?", arguments: [record.sweep])
        } else if let row = try row("SELECT * FROM holds WHERE sweep = ?", [record.sweep]) {
            record.hold = SweepRecord.Hold(
                environment: (row["environment"] as String?).flatMap { Environment(rawValue: $0) },
                business: row["business"], unassigned: row["unassigned"] == 1 ? true : nil, from: row["first_day"],
                to: row["last_day"])
        }
    }
}

extension Selection {
    /// Returns whether it covers a day.
    package func covers(_ day: CivilDate) -> Bool { from ?? day <= day && day <= to ?? day }

    /// Returns whether it covers a file.
    package func covers(_ file: IndexedFile) -> Bool {
        environment ?? file.environment == file.environment
            && (businesses.isEmpty || businesses.contains(file.business)) && covers(file.day)
    }
}
