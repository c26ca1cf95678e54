package import Archive
internal import DurableFiles
internal import Foundation
internal import GRDB
internal import Webhooks

/// Rebuilds the index from the archive's files alone: records, archives, ledgers, and seals.
///
/// Lines are read into temporary tables in the order of the files, and from there into the index in the order in
/// which sweeps add rows. So memory does not grow with the archive, and the rows are the same as before, including
/// their ids.
package struct Rebuild {
    private let archive: ArchiveFolder
    private let skipsDamagedSeals: Bool
    private let progress: Progress

    /// Called before each file is read, with the compressed bytes read so far and the bytes to read in all.
    package typealias Progress = (_ path: String, _ done: Int, _ total: Int) throws -> Void

    /// - Parameter skipsDamagedSeals: Whether to leave out seals that cannot be read, instead of throwing.
    package init(
        _ archive: ArchiveFolder, skipsDamagedSeals: Bool = false, progress: @escaping Progress = { _, _, _ in }
    ) {
        self.archive = archive
        self.skipsDamagedSeals = skipsDamagedSeals
        self.progress = progress
    }

    /// Rebuilds the index. The caller holds the archive's lock. An existing index is replaced in one transaction,
    /// and readers see the old one until then. An index that cannot be opened is removed first.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a file differs from what its sweep recorded. The old index
    ///   remains in that case.
    package func run() throws -> IndexDatabase {
        let index: IndexDatabase
        do {
            index = try IndexDatabase.open(forWritingIn: archive)
        } catch IndexError.corrupt, IndexError.newerSchema {
            try IndexDatabase.remove(in: archive)
            index = try IndexDatabase.open(forWritingIn: archive)
        }
        return try run(into: index)
    }

    /// Fills an index, replacing its contents in one transaction.
    func run(into index: IndexDatabase) throws -> IndexDatabase {
        try index.write { try fill($0) }
        return index
    }

    private func fill(_ transaction: IndexTransaction) throws {
        let db = transaction.db
        for table in IndexSchema.tables { try db.execute(sql: "DELETE FROM \(table)") }
        try db.execute(sql: Self.temporaryTables)
        try addRecords(transaction)
        let files = try Row.fetchAll(
            db, sql: "SELECT path, max(gzip_bytes) AS gzip_bytes FROM temp.growth GROUP BY path ORDER BY path"
        ).map { (path: $0["path"] as String, size: $0["gzip_bytes"] as Int) }
        let total = files.reduce(0) { $0 + $1.size }
        var done = 0
        // Archives come first: their lines contain the names that ledgers' paths may shorten.
        for isLedger in [false, true] {
            for (path, size) in files where ArchivePath.parse(path)?.isLedger == isLedger {
                try progress(path, done, total)
                if isLedger { try addLedger(path, db) } else { try addArchive(path, db) }
                done += size
            }
        }
        try db.execute(sql: Self.finalRows)
        try addDecisions(transaction)
        for environment in Environment.allCases {
            for path in try archive.sealPaths(environment) {
                do {
                    try transaction.add(archive.seal(environment, path))
                } catch let error as ArchiveError where skipsDamagedSeals {
                    _ = error
                }
            }
        }
        let lost = try Int.fetchOne(
            db, sql: "SELECT (SELECT count(*) FROM temp.redelivery_lines) - (SELECT count(*) FROM redeliveries)")
        guard lost == 0 else {
            throw ArchiveError.differs(
                archive.root.path, "\(lost ?? 0) redeliveries name an event that no archive holds")
        }
        try db.execute(sql: Self.temporaryTablesGone)
    }

    private func addRecords(_ transaction: IndexTransaction) throws {
        for (place, number) in try archive.recordedSweeps().enumerated() {
            guard number == place + 1, var reader = try archive.record(number) else {
                throw ArchiveError.differs(
                    archive.root.path(of: ArchivePath.record(place + 1)), "there is no such file")
            }
            try transaction.add(reader.record, state: .cleared)
            while let change = try reader.next() {
                try transaction.db.cachedStatement(
                    sql: "INSERT INTO temp.growth VALUES (?, ?, ?, ?, ?)"
                ).execute(arguments: [
                    change.path, number, change.after.lines, change.after.gzip, change.hash.description,
                ])
            }
        }
    }

    /// Reads a file to its end, and calls `each` with every line, its number, and the sweep that added it.
    private func read(
        _ path: String, _ db: Database, blocks: ((GzipBlock, Int, Int) throws -> Void)? = nil,
        each: (ArraySlice<UInt8>, Int, Int) throws -> Void
    ) throws -> (state: GzipState, firstSweep: Int, sweep: Int) {
        let full = archive.root.path(of: path)
        let growth = try Row.fetchAll(
            db, sql: "SELECT * FROM temp.growth WHERE path = ? ORDER BY sweep", arguments: [path])
        guard let first = growth.first, let last = growth.last, let hash = ContentHash(hex: last["sha256"] as String),
            let file = try archive.root.file(path), file.size == (last["gzip_bytes"] as Int)
        else { throw ArchiveError.differs(full, "it is not there with the length that its sweep recorded") }
        let recorded = GzipState(lines: 0, textBytes: 0, gzipBytes: file.size, crc32: 0, hash: hash)
        var scanner = try GzipScanner(GzipFile(path: path, state: recorded, file: file))
        var line = 0
        var rest = growth[...]
        while let found = try scanner.next() {
            try blocks?(found.block, line, found.offset)
            for bytes in found.text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                while let end = rest.first?["lines"] as Int?, end <= line { rest = rest.dropFirst() }
                guard let sweep = rest.first?["sweep"] as Int? else {
                    throw ArchiveError.differs(full, "line \(line + 1) is more than its sweeps recorded")
                }
                do {
                    try each(bytes, line, sweep)
                } catch let fault as LineFault {
                    throw ArchiveError.differs(full, "line \(line + 1) cannot be parsed: \(fault)")
                }
                line += 1
            }
        }
        guard scanner.state.hash == hash else {
            throw ArchiveError.differs(full, "its SHA-256 is \(scanner.state.hash), and \(hash) was recorded")
        }
        return (scanner.state, first["sweep"], last["sweep"])
    }

    private func addArchive(_ path: String, _ db: Database) throws {
        guard let parts = ArchivePath.parse(path) else { return }
        var first: EventLine?
        let add = try db.cachedStatement(sql: "INSERT INTO temp.event_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let addBlock = try db.cachedStatement(sql: "INSERT INTO temp.block_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        let whole = try read(
            path, db,
            blocks: { block, line, offset in
                try addBlock.execute(arguments: [
                    path, line, block.lines, offset, block.gzipBytes, block.textBytes, Int64(block.crc32),
                    Data(block.hash.bytes),
                ])
            },
            each: { bytes, line, sweep in
                let event = try EventLine(bytes)
                guard event.environment == parts.environment, event.business.segment == parts.segment else {
                    throw ArchiveError.differs(archive.root.path(of: path), "line \(line + 1) is of another path")
                }
                first = first ?? event
                try add.execute(arguments: [
                    sweep, event.environment.rawValue, event.time.milliseconds, event.id.description, path, line,
                    event.type, event.payload.count, Data(event.hash.bytes), Data(event.fingerprint.bytes),
                ])
            })
        guard let first else { throw ArchiveError.differs(archive.root.path(of: path), "it holds no line") }
        try addFile(
            path, parts: parts, of: first.business, whole: whole, first: (first.time, first.id),
            into: "temp.archive_rows", db)
    }

    private func addLedger(_ path: String, _ db: Database) throws {
        guard let parts = ArchivePath.parse(path) else { return }
        var first: (Timestamp, DeliveryID)?
        let addRedelivery = try db.cachedStatement(
            sql: "INSERT INTO temp.redelivery_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let addQuarantine = try db.cachedStatement(
            sql: "INSERT INTO temp.quarantine_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let addDecision = try db.cachedStatement(sql: "INSERT INTO temp.decision_lines VALUES (?, ?, ?, ?, ?, ?, ?)")
        let whole = try read(path, db) { bytes, line, sweep in
            switch try LedgerLine(bytes) {
            case .redelivery(let it):
                first = first ?? (it.time, it.id)
                try addRedelivery.execute(arguments: [
                    sweep, parts.environment.rawValue, it.time.milliseconds, it.id.description, path, line,
                    it.of.description, Data(it.hash.bytes), it.differing == nil ? 0 : 1,
                ])
            case .quarantine(let it):
                first = first ?? (it.time, it.id)
                try addQuarantine.execute(arguments: [
                    sweep, parts.environment.rawValue, it.time.milliseconds, it.id.description, path, line,
                    Data(it.hash.bytes), it.size, it.reason, it.at,
                ])
            case .release(let it):
                try addDecision.execute(arguments: [
                    sweep, path, line, "release", it.id.description, it.by, it.at.description,
                ])
            case .discard(let it):
                try addDecision.execute(arguments: [
                    sweep, path, line, "discard", it.id.description, it.by, it.at.description,
                ])
            }
        }
        guard let first else { throw ArchiveError.differs(archive.root.path(of: path), "it holds no line") }
        let business = try Business(segment: parts.segment) ?? shortened(parts.segment, db)
        guard let business else {
            throw ArchiveError.differs(archive.root.path(of: path), "no archive has the name of its business")
        }
        try addFile(path, parts: parts, of: business, whole: whole, first: first, into: "temp.ledger_rows", db)
    }

    /// Returns the business whose name is too long for a path. It has at least one event, and so an archive with
    /// its name.
    private func shortened(_ segment: String, _ db: Database) throws -> Business? {
        let names = try String.fetchCursor(
            db, sql: "SELECT DISTINCT business FROM temp.archive_rows WHERE path LIKE ?", arguments: ["%/business=%~%"])
        while let name = try names.next() {
            if Business.named(name).segment == segment { return .named(name) }
        }
        return nil
    }

    private func addFile(
        _ path: String, parts: ArchivePath.Parts, of business: Business,
        whole: (state: GzipState, firstSweep: Int, sweep: Int), first: (time: Timestamp, id: DeliveryID),
        into table: String, _ db: Database
    ) throws {
        try db.cachedStatement(sql: "INSERT INTO \(table) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                parts.environment.rawValue, business.name, parts.day.description, path, whole.state.lines,
                whole.state.textBytes, whole.state.gzipBytes, Int64(whole.state.crc32), whole.state.hash.description,
                whole.firstSweep, whole.sweep, first.time.milliseconds, first.id.description,
            ])
    }

    /// Adds the decisions of people, in the order in which they were made.
    private func addDecisions(_ transaction: IndexTransaction) throws {
        let rows = try Row.fetchAll(
            transaction.db,
            sql: "SELECT * FROM temp.decision_lines JOIN ledgers USING (path) ORDER BY decided_in, line")
        for row in rows {
            guard let id = DeliveryID(row["id"] as String), let at = Timestamp(row["at"] as String),
                let kind = SweepRecord.Kind(rawValue: row["kind"])
            else { continue }
            try transaction.decide(
                kind, LedgerLine.Decision(id: id, by: row["by"], at: at), ledger: row["ledger"],
                sweep: row["decided_in"])
        }
    }
}

extension Rebuild {
    private static let temporaryTables = """
        CREATE TEMP TABLE growth (path TEXT, sweep INTEGER, lines INTEGER, gzip_bytes INTEGER, sha256 TEXT,
          PRIMARY KEY (path, sweep)) WITHOUT ROWID;
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

    private static let temporaryTablesGone = """
        DROP TABLE temp.growth; DROP TABLE temp.archive_rows; DROP TABLE temp.ledger_rows; DROP TABLE temp.block_rows;
        DROP TABLE temp.event_lines; DROP TABLE temp.redelivery_lines; DROP TABLE temp.quarantine_lines;
        DROP TABLE temp.decision_lines;
        """

    private static let finalRows = """
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
