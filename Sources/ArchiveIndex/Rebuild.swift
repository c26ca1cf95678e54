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
///
/// What is damaged is skipped, and is in the table `damage` afterwards: blocks that cannot be read, with their lines;
/// records, whose sweeps have no counts then; and seals.
package struct Rebuild {
    let archive: ArchiveFolder
    let progress: Progress

    /// Called before each file is read, with the compressed bytes read so far and the bytes to read in all.
    package typealias Progress = (_ path: String, _ done: Int, _ total: Int) throws -> Void

    package init(_ archive: ArchiveFolder, progress: @escaping Progress = { _, _, _ in }) {
        self.archive = archive
        self.progress = progress
    }

    /// Rebuilds the index. The caller holds the archive's lock. An existing index is replaced in one transaction,
    /// and readers see the old one until then. An index that cannot be opened is removed first.
    ///
    /// - Parameter keepsBetter: Whether to keep an existing index that knows more than damaged files do.
    /// - Throws: With `keepsBetter`, ``ArchiveError/differs(_:_:)`` if a file is damaged, and the old index, which has all
    ///   sweeps and no damage, remains.
    package func run(keepsBetter: Bool = false) throws -> IndexDatabase {
        let index: IndexDatabase
        do {
            index = try IndexDatabase.open(forWritingIn: archive)
        } catch IndexError.corrupt, IndexError.newerSchema {
            try IndexDatabase.remove(in: archive)
            index = try IndexDatabase.open(forWritingIn: archive)
        }
        return try run(into: index, keepsBetter: keepsBetter)
    }

    /// Fills an index, replacing its contents in one transaction.
    func run(into index: IndexDatabase, keepsBetter: Bool = false) throws -> IndexDatabase {
        let last = try archive.recordedSweeps().last ?? 0
        try index.write { transaction in
            let isComplete =
                try keepsBetter && transaction.snapshot.lastSweep() >= last && transaction.snapshot.damage().isEmpty
            try fill(transaction)
            if isComplete, last > 0, let damage = try transaction.snapshot.damage().first {
                throw ArchiveError.differs(
                    archive.root.path(of: damage.path),
                    "\(damage.cause); the index, which knows what was in it, remains")
            }
        }
        return index
    }

    private func fill(_ transaction: IndexTransaction) throws {
        let db = transaction.db
        for table in IndexSchema.tables { try db.execute(sql: "DELETE FROM \(table)") }
        try db.execute(sql: Self.temporaryTables)
        try addRecords(transaction)
        let files = "SELECT path, gzip_bytes, max(sweep) FROM temp.growth GROUP BY path"
        let total = try Int.fetchOne(db, sql: "SELECT coalesce(sum(gzip_bytes), 0) FROM (\(files))") ?? 0
        var done = 0
        // Archives come first: their lines contain the names that ledgers' paths may shorten.
        for isLedger in [false, true] {
            let rows = try Row.fetchCursor(db, sql: "\(files) ORDER BY path")
            while let row = try rows.next() {
                let (path, size): (String, Int) = (row["path"], row["gzip_bytes"])
                guard size > 0, let parts = ArchivePath.parse(path), parts.isLedger == isLedger else { continue }
                try progress(path, done, total)
                try addFile(path, parts, transaction)
                done += size
            }
        }
        let isPruned = try transaction.snapshot.hasPrunedDays()
        if isPruned { try countPrunedRows(db) }
        try db.execute(sql: Self.finalRows(afterPruning: isPruned))
        try addDecisions(transaction)
        try addSeals(transaction)
        let lost = try Int.fetchOne(
            db, sql: "SELECT (SELECT count(*) FROM temp.redelivery_lines) - (SELECT count(*) FROM redeliveries)")
        if let lost, lost > 0, try transaction.snapshot.damage().isEmpty {
            throw ArchiveError.differs(
                archive.root.path, "\(lost) redeliveries name an event that no archive holds")
        }
        try db.execute(sql: Self.temporaryTablesGone)
    }

    private func addSeals(_ transaction: IndexTransaction) throws {
        for environment in Environment.allCases {
            let paths = try archive.sealPaths(environment)
            // A seal has the hash of the one before it. The last one is compared with its leaves.
            var linked: Set<String> = []
            for path in paths {
                guard let seal = try? archive.seal(environment, path), let previous = seal.previous else { continue }
                linked.insert(previous.text)
            }
            for path in paths {
                let cause = try unreadable {
                    var seal = try archive.seal(environment, path)
                    if !linked.contains(ChecksumLine(hash: seal.hash, path: path).text) {
                        seal = try archive.sealWithLeaves(environment, path)
                    }
                    try transaction.add(seal)
                }
                guard let cause else { continue }
                let path = "\(ArchivePath.environment(environment))/\(path)"
                try transaction.add(IndexedDamage(path: path, lines: nil, cause: cause))
            }
        }
    }

    /// Returns why a file cannot be read, or `nil` if `body` read it.
    func unreadable(_ body: () throws -> Void) throws -> String? {
        do {
            try body()
            return nil
        } catch ArchiveError.differs(_, let cause), ArchiveError.unreadable(_, let cause) {
            return cause
        } catch let error as FileError where error.isOfReading {
            return "\(error)"
        }
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
