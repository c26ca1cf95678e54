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
        CREATE TEMP TABLE decision_lines (decided_in INTEGER, path TEXT, line INTEGER, kind TEXT, id TEXT, by TEXT,
          at TEXT);
        """

    static let temporaryTablesGone = """
        DROP TABLE temp.growth; DROP TABLE temp.archive_rows; DROP TABLE temp.ledger_rows; DROP TABLE temp.block_rows;
        DROP TABLE temp.event_lines; DROP TABLE temp.redelivery_lines; DROP TABLE temp.quarantine_lines;
        DROP TABLE temp.decision_lines;
        """

    static let finalRows = """
        INSERT INTO archives (environment, business, day, path, lines, text_bytes, gzip_bytes, crc32, sha256,
            first_sweep, sweep)
          SELECT environment, business, day, path, lines, text_bytes, gzip_bytes, crc32, sha256, first_sweep, sweep
          FROM temp.archive_rows ORDER BY first_sweep, environment, received, id;
        INSERT INTO ledgers (environment, business, day, path, lines, text_bytes, gzip_bytes, crc32, sha256,
            first_sweep, sweep)
          SELECT environment, business, day, path, lines, text_bytes, gzip_bytes, crc32, sha256, first_sweep, sweep
          FROM temp.ledger_rows ORDER BY first_sweep, environment, received, id;
        INSERT INTO blocks
          SELECT archive, first_line, b.lines, offset, b.gzip_bytes, b.text_bytes, b.crc32, b.sha256
          FROM temp.block_rows AS b JOIN archives USING (path);
        INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint)
          SELECT e.sweep, archive, line, id, received, type, size, e.sha256, fingerprint
          FROM temp.event_lines AS e JOIN archives USING (path) ORDER BY e.sweep, e.environment, received, id;
        INSERT INTO redeliveries (sweep, ledger, line, event, id, received, sha256, differing)
          SELECT r.sweep, ledger, r.line, event, r.id, r.received, r.sha256, differing
          FROM temp.redelivery_lines AS r JOIN ledgers USING (path)
          JOIN events ON events.id = r.of
          JOIN archives ON archives.archive = events.archive AND archives.environment = r.environment
          ORDER BY r.sweep, r.environment, r.received, r.id;
        INSERT INTO quarantine (sweep, ledger, line, id, received, sha256, size, reason, at, state)
          SELECT q.sweep, ledger, line, id, received, q.sha256, size, reason, at, 'held'
          FROM temp.quarantine_lines AS q JOIN ledgers USING (path)
          ORDER BY q.sweep, q.environment, received, path, line;
        """
}
