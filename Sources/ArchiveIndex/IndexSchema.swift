internal import GRDB

/// The schema of `_index.sqlite`: a public contract that migrations only add to.
///
/// SQLite keeps the comments within the statements: `.schema` shows them.
enum IndexSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: version1) }
        migrator.registerMigration("2") { try $0.execute(sql: version2) }
        migrator.registerMigration("3") { try $0.execute(sql: version3) }
        migrator.registerMigration("4") { try $0.execute(sql: version4) }
        migrator.registerMigration("5") { try $0.execute(sql: version5) }
        return migrator
    }

    /// The tables that a rebuild empties and fills again.
    static let tables = [
        "damage", "holds", "pruned_days", "decisions", "tombstones", "seals", "quarantine", "redeliveries", "events",
        "blocks", "ledgers", "archives", "sweep_days",
        "sweeps",
    ]

    /// Gives a connection that only reads the tables that an older index lacks: they are temporary, and empty.
    static func addMissingTables(_ db: Database) throws {
        guard try db.tableExists("sweeps") else { return }
        for (table, sql) in [("damage", version4), ("tombstones", version5)] where try !db.tableExists(table) {
            try db.execute(
                sql: sql.replacing("CREATE TABLE ", with: "CREATE TEMP TABLE ")
                    .replacing("CREATE INDEX ", with: "CREATE INDEX temp."))
        }
    }

    private static let version1 = """
        CREATE TABLE sweeps (
          -- One run of the batch, or what a person decided. From _sweeps/<sweep>.ndjson.gz.
          sweep        INTEGER PRIMARY KEY,
          kind         TEXT NOT NULL,     -- sweep, release, discard, erase, prune, repair, hold, hold-release
          state        TEXT NOT NULL,     -- committed, published (files are in place), cleared (the spool is, too)
          started      TEXT NOT NULL,     -- RFC 3339, UTC
          received     INTEGER NOT NULL,  -- = archived + redelivered + quarantined
          archived     INTEGER NOT NULL,
          redelivered  INTEGER NOT NULL,
          quarantined  INTEGER NOT NULL,
          bytes        INTEGER NOT NULL,  -- of the payloads received
          compressed   INTEGER NOT NULL   -- growth of all compressed files, in bytes
        ) STRICT;

        CREATE TABLE sweep_days (
          -- The counts of one sweep, by environment and day of receipt. From _sweeps/<sweep>.ndjson.gz.
          sweep        INTEGER NOT NULL REFERENCES sweeps,
          environment  TEXT NOT NULL,     -- production, sandbox
          day          TEXT NOT NULL,     -- YYYY-MM-DD in the archive's time zone
          received     INTEGER NOT NULL,  -- counted before anything was decided
          archived     INTEGER NOT NULL,
          redelivered  INTEGER NOT NULL,
          quarantined  INTEGER NOT NULL,
          released     INTEGER NOT NULL,
          discarded    INTEGER NOT NULL,
          bytes        INTEGER NOT NULL,
          PRIMARY KEY (environment, day, sweep)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE archives (
          -- One compressed daily archive. Rows go by the place of their first event.
          archive      INTEGER PRIMARY KEY,
          environment  TEXT NOT NULL,
          business     TEXT,              -- as the payload gave it; NULL: unassigned
          day          TEXT NOT NULL,     -- of first receipt
          path         TEXT NOT NULL UNIQUE,  -- from the archive's root
          lines        INTEGER NOT NULL,
          text_bytes   INTEGER NOT NULL,
          gzip_bytes   INTEGER NOT NULL,
          crc32        INTEGER NOT NULL,  -- of the text
          sha256       TEXT NOT NULL,     -- of the compressed file, as sha256sum prints it
          first_sweep  INTEGER NOT NULL REFERENCES sweeps,
          sweep        INTEGER NOT NULL REFERENCES sweeps  -- the last that changed it
        ) STRICT;
        CREATE INDEX archives_by_day ON archives (environment, day);
        CREATE INDEX archives_by_business ON archives (business, day);

        CREATE TABLE ledgers (
          -- One compressed ledger: the deliveries of a day that did not become events. Rows as those of archives.
          ledger       INTEGER PRIMARY KEY,
          environment  TEXT NOT NULL,
          business     TEXT,
          day          TEXT NOT NULL,     -- of receipt
          path         TEXT NOT NULL UNIQUE,
          lines        INTEGER NOT NULL,
          text_bytes   INTEGER NOT NULL,
          gzip_bytes   INTEGER NOT NULL,
          crc32        INTEGER NOT NULL,
          sha256       TEXT NOT NULL,
          first_sweep  INTEGER NOT NULL REFERENCES sweeps,
          sweep        INTEGER NOT NULL REFERENCES sweeps
        ) STRICT;
        CREATE INDEX ledgers_by_day ON ledgers (environment, day);

        CREATE TABLE blocks (
          -- A part of an archive that can be read and inflated alone.
          archive      INTEGER NOT NULL REFERENCES archives,
          first_line   INTEGER NOT NULL,  -- from 0 on
          lines        INTEGER NOT NULL,
          offset       INTEGER NOT NULL,  -- of its first compressed byte in the file
          gzip_bytes   INTEGER NOT NULL,
          text_bytes   INTEGER NOT NULL,
          crc32        INTEGER NOT NULL,  -- of its text
          sha256       BLOB NOT NULL,     -- of its compressed bytes
          PRIMARY KEY (archive, first_line)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE events (
          -- A line of an archive. Rows go by (sweep, environment, received, id).
          event        INTEGER PRIMARY KEY,
          sweep        INTEGER NOT NULL REFERENCES sweeps,
          archive      INTEGER NOT NULL REFERENCES archives,
          line         INTEGER NOT NULL,  -- in the archive, from 0 on
          id           TEXT NOT NULL,     -- a UUID: the name of its first delivery
          received     INTEGER NOT NULL,  -- milliseconds since 1970, UTC
          type         TEXT NOT NULL,
          size         INTEGER NOT NULL,  -- of the payload, in bytes
          sha256       BLOB NOT NULL,     -- of the payload
          fingerprint  BLOB NOT NULL      -- 16 bytes: by what redeliveries are known
        ) STRICT;
        CREATE INDEX events_by_id ON events (id);
        CREATE INDEX events_by_fingerprint ON events (fingerprint);
        CREATE UNIQUE INDEX events_by_line ON events (archive, line);

        CREATE TABLE redeliveries (
          -- A later delivery of an event that is already known. Rows as those of events.
          redelivery   INTEGER PRIMARY KEY,
          sweep        INTEGER NOT NULL REFERENCES sweeps,
          ledger       INTEGER NOT NULL REFERENCES ledgers,
          line         INTEGER NOT NULL,  -- in the ledger, from 0 on
          event        INTEGER NOT NULL REFERENCES events,  -- 0: it was pruned
          id           TEXT NOT NULL,
          received     INTEGER NOT NULL,
          sha256       BLOB NOT NULL,
          differing    INTEGER NOT NULL   -- 1: its bytes are not its event's, and are in the ledger; 2: they are gone
        ) STRICT;
        CREATE INDEX redeliveries_by_id ON redeliveries (id);
        CREATE INDEX redeliveries_by_event ON redeliveries (event);
        CREATE UNIQUE INDEX redeliveries_by_line ON redeliveries (ledger, line);

        CREATE TABLE quarantine (
          -- A delivery that could not become an event. Rows as those of events.
          entry        INTEGER PRIMARY KEY,
          sweep        INTEGER NOT NULL REFERENCES sweeps,
          ledger       INTEGER NOT NULL REFERENCES ledgers,
          line         INTEGER NOT NULL,  -- in the ledger, from 0 on
          id           TEXT NOT NULL,
          received     INTEGER NOT NULL,
          sha256       BLOB NOT NULL,
          size         INTEGER NOT NULL,  -- in bytes
          reason       TEXT NOT NULL,
          at           INTEGER,           -- offset of the cause in the payload, in bytes
          state        TEXT NOT NULL,     -- held, released, discarded
          decided_in   INTEGER REFERENCES sweeps,
          decided_by   TEXT,
          decided_at   TEXT               -- RFC 3339, UTC
        ) STRICT;
        CREATE INDEX quarantine_by_id ON quarantine (id);
        CREATE UNIQUE INDEX quarantine_by_line ON quarantine (ledger, line);

        CREATE TABLE seals (
          -- A day's closing. From environment=<environment>/_seals/.
          environment  TEXT NOT NULL,
          number       INTEGER NOT NULL,  -- the place in the environment's chain, from 1 on
          day          TEXT NOT NULL,
          revision     INTEGER NOT NULL,  -- of the day, from 1 on
          sweep        INTEGER NOT NULL,  -- the last whose lines it covers
          sealed       TEXT NOT NULL,     -- RFC 3339, UTC
          path         TEXT NOT NULL,     -- from the environment's folder
          sha256       TEXT NOT NULL,     -- of the seal
          PRIMARY KEY (environment, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX seals_by_day ON seals (environment, day, revision);

        CREATE VIEW daily_counts AS
          -- The deliveries of a day, and what became of them.
          SELECT environment, day, sum(received) AS received, sum(archived) AS archived,
                 sum(redelivered) AS redelivered, sum(quarantined) AS quarantined, sum(released) AS released,
                 sum(discarded) AS discarded, sum(bytes) AS bytes
          FROM sweep_days GROUP BY environment, day;

        CREATE VIEW businesses AS
          -- Who has archives, since when, and how much.
          SELECT environment, business, min(day) AS first_day, max(day) AS last_day, count(*) AS days,
                 sum(lines) AS events, sum(gzip_bytes) AS gzip_bytes
          FROM archives GROUP BY environment, business;
        """

    /// Fingerprints by week of receipt; superseded by version 3.
    private static let version2 = """
        DROP INDEX events_by_fingerprint;
        CREATE INDEX events_by_fingerprint ON events (received / 604800000, fingerprint);
        """

    private static let version4 = """
        CREATE TABLE damage (
          -- What could not be read when the index was rebuilt. Empty once that is repaired and the index rebuilt again.
          path         TEXT NOT NULL,     -- from the archive's root
          first_line   INTEGER,           -- of the lines that are lost, from 0 on; NULL: not a file of lines
          lines        INTEGER,           -- how many are lost
          cause        TEXT NOT NULL
        ) STRICT;
        CREATE INDEX damage_by_path ON damage (path);
        """

    private static let version5 = """
        CREATE TABLE decisions (
          -- Who decided what a sweep of another kind than `sweep` did, and why.
          sweep        INTEGER PRIMARY KEY REFERENCES sweeps,
          decided_by   TEXT NOT NULL,
          reason       TEXT NOT NULL
        ) STRICT;

        CREATE TABLE tombstones (
          -- An event whose line is gone. Its row in `events` remains, and a tombstone is in place of the line.
          event        INTEGER PRIMARY KEY REFERENCES events,
          gone         TEXT NOT NULL,     -- erased, lost
          sweep        INTEGER NOT NULL REFERENCES sweeps  -- that wrote the tombstone
        ) STRICT;

        CREATE TABLE pruned_days (
          -- A day whose files were removed. Its seals remain, and its counts in `sweep_days`.
          environment  TEXT NOT NULL,
          day          TEXT NOT NULL,
          sweep        INTEGER NOT NULL REFERENCES sweeps,  -- that removed them
          archives     INTEGER NOT NULL,  -- how many there were; their row ids are not given to others
          ledgers      INTEGER NOT NULL,
          PRIMARY KEY (environment, day)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE holds (
          -- What must be neither pruned nor erased. A NULL does not narrow it.
          sweep        INTEGER PRIMARY KEY REFERENCES sweeps,  -- the number of the hold
          environment  TEXT,
          business     TEXT,
          unassigned   INTEGER NOT NULL,  -- 1: only events without a business
          first_day    TEXT,
          last_day     TEXT,
          released     INTEGER REFERENCES sweeps  -- NULL: it holds
        ) STRICT;
        """

    /// The length of a day in milliseconds.
    static let day: Int64 = 86_400_000

    /// The days of UTC since 1970 that a range of times in milliseconds touches, divided as SQLite does it.
    static func days(_ times: ClosedRange<Int64>) -> ClosedRange<Int64> {
        (times.lowerBound / day)...(times.upperBound / day)
    }

    /// Fingerprints are random, so one b-tree of all would change a page for each event. Separated by day of
    /// receipt, a night's rows go to few pages, however long the history is, and a look-up within the redelivery
    /// window is one for each day that it touches.
    private static let version3 = """
        DROP INDEX events_by_fingerprint;
        CREATE INDEX events_by_fingerprint ON events (received / \(day), fingerprint);
        """
}
