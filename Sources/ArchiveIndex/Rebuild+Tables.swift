internal import Archive
internal import GRDB
internal import Webhooks

// The rows of the lines, in the order of the files, and their way into the order in which sweeps add rows.
extension Rebuild {
    static let temporaryTables = """
        CREATE TEMP TABLE growth (path TEXT, sweep INTEGER, lines INTEGER, text_bytes INTEGER, gzip_bytes INTEGER,
          sha256 TEXT, PRIMARY KEY (path, sweep)) WITHOUT ROWID;
        CREATE TEMP TABLE archive_rows (environment TEXT, business TEXT, day TEXT, path TEXT, lines INTEGER,
          text_bytes INTEGER, gzip_bytes INTEGER, crc32 INTEGER, sha256 TEXT, first_sweep INTEGER, sweep INTEGER,
          received INTEGER, id TEXT);
        CREATE TEMP TABLE ledger_rows AS SELECT * FROM archive_rows;
        CREATE TEMP TABLE block_rows (path TEXT, first_line INTEGER, lines INTEGER, offset INTEGER, gzip_bytes INTEGER,
          text_bytes INTEGER, crc32 INTEGER, sha256 BLOB);
        CREATE TEMP TABLE event_lines (sweep INTEGER, environment TEXT, received INTEGER, id TEXT, path TEXT,
          line INTEGER, type TEXT, size INTEGER, sha256 BLOB, fingerprint BLOB);
        CREATE TEMP TABLE redelivery_lines (sweep INTEGER, environment TEXT, received INTEGER, id TEXT, path TEXT,
          line INTEGER, of TEXT, sha256 BLOB, differing INTEGER);
        CREATE TEMP TABLE quarantine_lines (sweep INTEGER, environment TEXT, received INTEGER, id TEXT, path TEXT,
          line INTEGER, sha256 BLOB, size INTEGER, reason TEXT, at INTEGER);
        CREATE TEMP TABLE tombstone_lines (path TEXT, line INTEGER, gone TEXT, record INTEGER);
        CREATE TEMP TABLE pruned_files (sweep INTEGER, environment TEXT, day TEXT, archives INTEGER, ledgers INTEGER,
          PRIMARY KEY (sweep, environment, day));
        CREATE TEMP TABLE pruned_before (sweep INTEGER, environment TEXT, day TEXT, archives INTEGER, ledgers INTEGER,
          events INTEGER, redeliveries INTEGER, quarantine INTEGER, PRIMARY KEY (sweep, environment, day));
        CREATE TEMP TABLE decision_lines (decided_in INTEGER, path TEXT, line INTEGER, kind TEXT, id TEXT, by TEXT,
          at TEXT);
        """

    static let temporaryTablesGone = """
        DROP TABLE temp.growth; DROP TABLE temp.archive_rows; DROP TABLE temp.ledger_rows; DROP TABLE temp.block_rows;
        DROP TABLE temp.event_lines; DROP TABLE temp.redelivery_lines; DROP TABLE temp.quarantine_lines;
        DROP TABLE temp.decision_lines; DROP TABLE temp.tombstone_lines; DROP TABLE temp.pruned_files;
        DROP TABLE temp.pruned_before;
        """

    /// - Parameter afterPruning: Whether rows of pruned days have left gaps; see ``countPrunedRows(_:)``.
    static func finalRows(afterPruning: Bool) -> String {
        // SQLite numbers rows by itself, in the order in which they come.
        func number(_ order: String, _ table: String) -> String {
            afterPruning ? "row_number() OVER (ORDER BY \(order)) + coalesce(pruned.\(table), 0)" : "NULL"
        }
        func gaps(_ rows: String, sweep: String = "sweep", day: String) -> String {
            !afterPruning
                ? ""
                : """
                LEFT JOIN temp.pruned_before AS pruned
                ON pruned.sweep = \(rows).\(sweep) AND pruned.environment = \(rows).environment AND pruned.day = \(day).day
                """
        }
        func files(_ table: String) -> String {
            """
            INSERT INTO \(table)
              SELECT \(number("r.first_sweep, r.environment, received, id", table)),
                r.environment, business, r.day, path, lines, text_bytes, gzip_bytes, crc32, sha256, first_sweep, r.sweep
              FROM temp.\(table.dropLast())_rows AS r \(gaps("r", sweep: "first_sweep", day: "r"))
              ORDER BY first_sweep, r.environment, received, id;

            """
        }
        // The event of a redelivery may be of a day that was pruned.
        let event =
            afterPruning
            ? """
            coalesce((SELECT event FROM events JOIN archives USING (archive)
              WHERE events.id = r.of AND archives.environment = r.environment), 0)
            """ : "event"
        let events =
            afterPruning
            ? ""
            : """
            JOIN events ON events.id = r.of
            JOIN archives ON archives.archive = events.archive AND archives.environment = r.environment
            """
        return files("archives") + files("ledgers") + """
            INSERT INTO blocks
              SELECT archive, first_line, b.lines, offset, b.gzip_bytes, b.text_bytes, b.crc32, b.sha256
              FROM temp.block_rows AS b JOIN archives USING (path);
            INSERT INTO events
              SELECT \(number("e.sweep, e.environment, received, id", "events")),
                e.sweep, archive, line, id, received, type, size, e.sha256, fingerprint
              FROM temp.event_lines AS e JOIN archives USING (path) \(gaps("e", day: "archives"))
              ORDER BY e.sweep, e.environment, received, id;
            INSERT INTO tombstones
              SELECT event, gone, t.record FROM temp.tombstone_lines AS t JOIN archives USING (path)
              JOIN events ON events.archive = archives.archive AND events.line = t.line ORDER BY event;
            INSERT INTO redeliveries
              SELECT \(number("r.sweep, r.environment, r.received, r.id", "redeliveries")),
                r.sweep, ledger, r.line, \(event), r.id, r.received, r.sha256, differing
              FROM temp.redelivery_lines AS r JOIN ledgers USING (path) \(gaps("r", day: "ledgers")) \(events)
              ORDER BY r.sweep, r.environment, r.received, r.id;
            INSERT INTO quarantine
              SELECT \(number("q.sweep, q.environment, received, path, line", "quarantine")),
                q.sweep, ledger, line, id, received, q.sha256, size, reason, at, 'held', NULL, NULL, NULL
              FROM temp.quarantine_lines AS q JOIN ledgers USING (path) \(gaps("q", day: "ledgers"))
              ORDER BY q.sweep, q.environment, received, path, line;
            """
    }

    /// Counts, for each sweep and day, the rows of pruned days that were added before it.
    ///
    /// Row ids do not change when days are pruned. A sweep added the rows of a day one after another, since it adds them by
    /// the time of receipt, and its record still has their number.
    func countPrunedRows(_ db: Database) throws {
        let pruned = try Row.fetchCursor(
            db,
            sql: """
                SELECT path, min(sweep) AS sweep FROM temp.growth
                WHERE path IN (SELECT path FROM temp.growth WHERE gzip_bytes = 0) GROUP BY path
                """)
        let add = try db.makeStatement(
            sql: """
                INSERT INTO temp.pruned_files VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET archives = archives + excluded.archives, ledgers = ledgers + excluded.ledgers
                """)
        while let row = try pruned.next() {
            guard let parts = ArchivePath.parse(row["path"]) else { continue }
            try add.execute(arguments: [
                row["sweep"], parts.environment.rawValue, parts.day.description, parts.isLedger ? 0 : 1,
                parts.isLedger ? 1 : 0,
            ])
        }
        for files in ["archives", "ledgers"] {
            try db.execute(
                sql: """
                    UPDATE pruned_days SET \(files) = coalesce((
                      SELECT sum(f.\(files)) FROM temp.pruned_files AS f
                      WHERE f.environment = pruned_days.environment AND f.day = pruned_days.day), 0)
                    """)
        }
        try db.execute(
            sql: """
                INSERT INTO temp.pruned_before
                  SELECT sweep, environment, day, sum(archives) OVER earlier, sum(ledgers) OVER earlier,
                    sum(iif(pruned, archived, 0)) OVER earlier, sum(iif(pruned, redelivered, 0)) OVER earlier,
                    sum(iif(pruned, quarantined, 0)) OVER earlier
                  FROM (
                    SELECT d.sweep, d.environment, d.day, archived, redelivered, quarantined,
                      coalesce(f.archives, 0) AS archives, coalesce(f.ledgers, 0) AS ledgers, p.day IS NOT NULL AS pruned
                    FROM sweep_days AS d
                    LEFT JOIN pruned_days AS p ON p.environment = d.environment AND p.day = d.day AND p.sweep > d.sweep
                    LEFT JOIN temp.pruned_files AS f
                      ON f.sweep = d.sweep AND f.environment = d.environment AND f.day = d.day)
                  WINDOW earlier AS (ORDER BY sweep, environment, day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                """)
    }
}
