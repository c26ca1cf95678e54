package import Archive
internal import DurableFiles
internal import GRDB
package import Webhooks

extension IndexSnapshot {
    /// Returns the number of the last sweep, or 0 if there was none.
    package func lastSweep() throws -> Int {
        try Int.fetchOne(db, sql: "SELECT coalesce(max(sweep), 0) FROM sweeps") ?? 0
    }

    /// Returns the kind of a sweep, or `nil` if it is not known.
    package func kind(of sweep: Int) throws -> SweepRecord.Kind? {
        try String.fetchOne(db, sql: "SELECT kind FROM sweeps WHERE sweep = ?", arguments: [sweep])
            .flatMap { SweepRecord.Kind(rawValue: $0) }
    }

    /// Returns the numbers of the sweeps that are not cleared yet, ascending. There is at most one unless Daybook
    /// has a defect.
    package func openSweeps() throws -> [(sweep: Int, state: SweepState)] {
        try Row.fetchAll(db, sql: "SELECT sweep, state FROM sweeps WHERE state <> 'cleared' ORDER BY sweep").compactMap
        {
            row in SweepState(rawValue: row["state"]).map { (row["sweep"], $0) }
        }
    }

    /// Returns when the last delivery that a sweep kept was received, by environment.
    package func lastReceipts(of sweep: Int) throws -> [Environment: Timestamp] {
        let rows = try Row.fetchAll(
            db,
            // The lines of a sweep are in the order of receipt, so the last of each file is enough.
            sql: """
                SELECT environment, max(received) AS received FROM (
                  SELECT archives.environment, events.received FROM sweep_days AS days
                    CROSS JOIN archives USING (environment, day, sweep)
                    JOIN events ON events.archive = archives.archive AND line = lines - 1
                    WHERE days.sweep = ?1
                  UNION ALL SELECT ledgers.environment, redeliveries.received FROM sweep_days AS days
                    CROSS JOIN ledgers USING (environment, day, sweep)
                    JOIN redeliveries ON redeliveries.ledger = ledgers.ledger AND line = lines - 1
                    WHERE days.sweep = ?1
                  UNION ALL SELECT ledgers.environment, quarantine.received FROM sweep_days AS days
                    CROSS JOIN ledgers USING (environment, day, sweep)
                    JOIN quarantine ON quarantine.ledger = ledgers.ledger AND line = lines - 1
                    WHERE days.sweep = ?1)
                GROUP BY environment
                """, arguments: [sweep])
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                Environment(rawValue: row["environment"]).map { ($0, Timestamp(milliseconds: row["received"])) }
            })
    }

    /// Returns whether any file has the length that a sweep gave it, or may have it.
    package func hasPublished(_ sweep: Int, in archive: ArchiveFolder) throws -> Bool {
        guard try kind(of: sweep)?.rewrites == false else { return true }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT path, gzip_bytes FROM sweep_days AS days CROSS JOIN archives USING (environment, day, sweep)
                WHERE days.sweep = ?1
                UNION ALL
                SELECT path, gzip_bytes FROM sweep_days AS days CROSS JOIN ledgers USING (environment, day, sweep)
                WHERE days.sweep = ?1
                """, arguments: [sweep])
        while let row = try rows.next() {
            if try archive.root.status(of: row["path"])?.size == row["gzip_bytes"] { return true }
        }
        return false
    }

    /// Returns the counts of all sweeps by environment and day, summed.
    package func dayCounts(_ selection: Selection = Selection()) throws -> [SweepRecord.DayCounts] {
        let (condition, arguments) = Selection(
            environment: selection.environment, from: selection.from, to: selection.to
        ).condition
        return try Row.fetchAll(
            db, sql: "SELECT * FROM daily_counts WHERE \(condition) ORDER BY environment, day", arguments: arguments
        ).compactMap { row in
            guard let environment = Environment(rawValue: row["environment"]) else { return nil }
            return SweepRecord.DayCounts(environment: environment, day: row["day"], counts: Self.counts(row))
        }
    }

    /// Returns the counts of an environment's day after a sweep.
    package func counts(of environment: Environment, on day: CivilDate, through sweep: Int) throws -> Counts {
        var sum = Counts()
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM sweep_days WHERE environment = ? AND day = ? AND sweep <= ?",
            arguments: [environment.rawValue, day.description, sweep])
        while let row = try rows.next() { sum += Self.counts(row) }
        return sum
    }

    /// The index's row for a seal.
    package struct IndexedSeal: Equatable, Sendable {
        package var environment: Environment
        package var number: Int
        package var day: CivilDate
        package var revision: Int
        package var sweep: Int
        /// The time of the seal, RFC 3339 in UTC.
        package var sealed: String
        /// The path of the seal from the environment's folder.
        package var path: String
        package var hash: ContentHash

        /// What the next seal says of it.
        package var link: SealLink {
            SealLink(number: number, sealed: sealed, line: ChecksumLine(hash: hash, path: path))
        }
    }

    /// Returns the seals of an environment, in the order of its chain.
    package func seals(_ environment: Environment) throws -> [IndexedSeal] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM seals WHERE environment = ? ORDER BY number", arguments: [environment.rawValue]
        ).map(seal)
    }

    func seal(_ row: Row) throws -> IndexedSeal {
        guard let environment = Environment(rawValue: row["environment"]), let day = CivilDate(row["day"] as String),
            let hash = ContentHash(hex: row["sha256"] as String)
        else { throw IndexError.corrupt(db.description, "a row of seals cannot be read") }
        return IndexedSeal(
            environment: environment, number: row["number"], day: day, revision: row["revision"],
            sweep: row["sweep"], sealed: row["sealed"], path: row["path"], hash: hash)
    }

    /// Returns the days before `today` that have lines which no seal covers, ascending.
    package func unsealedDays(_ environment: Environment, before today: CivilDate) throws -> [CivilDate] {
        try String.fetchAll(
            db,
            sql: """
                SELECT day FROM
                  (SELECT day, max(sweep) AS sweep, coalesce(
                     (SELECT max(sweep) FROM seals INDEXED BY seals_by_day
                      WHERE environment = ?1 AND seals.day = recorded.day), 0) AS sealed
                   FROM (SELECT day, sweep FROM sweep_days WHERE environment = ?1 AND day < ?2
                         -- The days of a record that is lost are not known.
                         UNION ALL SELECT day, sweep FROM archives
                           WHERE environment = ?1 AND day < ?2 AND EXISTS (SELECT 1 FROM damage)
                         UNION ALL SELECT day, sweep FROM ledgers
                           WHERE environment = ?1 AND day < ?2 AND EXISTS (SELECT 1 FROM damage)) AS recorded
                   GROUP BY day) AS days
                WHERE sweep > sealed
                  AND (EXISTS (SELECT 1 FROM archives
                               WHERE environment = ?1 AND archives.day = days.day AND archives.sweep > sealed)
                    OR EXISTS (SELECT 1 FROM ledgers
                               WHERE environment = ?1 AND ledgers.day = days.day AND ledgers.sweep > sealed))
                ORDER BY day
                """,
            arguments: [environment.rawValue, today.description]
        ).compactMap { CivilDate($0) }
    }
}
