internal import Archive
internal import DurableFiles
internal import GRDB
internal import Webhooks

extension Rebuild {
    /// Adds the sweeps, and the states that they recorded for files.
    func addRecords(_ transaction: IndexTransaction) throws {
        let db = transaction.db
        var missing: [Int] = []
        let last = try archive.recordedSweeps().last ?? 0
        for number in 1..<(last + 1) {
            let path = ArchivePath.record(number)
            let cause = try unreadable {
                guard var reader = try archive.record(number) else {
                    throw ArchiveError.differs(archive.root.path(of: path), "it is missing")
                }
                while let change = try reader.next() { try add(change, of: number, db) }
                try transaction.add(reader.record, state: .cleared)
            }
            guard let cause else { continue }
            missing.append(number)
            try db.execute(sql: "DELETE FROM temp.growth WHERE sweep = ?", arguments: [number])
            try addUnknown(number, cause, transaction)
        }
        // Files that have grown since the last record are of a sweep whose record is lost, and its number is taken.
        if try addUnrecordedStates(missing, orAfter: last, db) {
            try addUnknown(last + 1, "it is missing", transaction)
        }
    }

    /// Adds a sweep of which nothing is known but its number.
    private func addUnknown(_ number: Int, _ cause: String, _ transaction: IndexTransaction) throws {
        try transaction.add(
            SweepRecord(sweep: number, kind: .sweep, started: "", days: [], files: []), state: .cleared)
        try transaction.add(
            IndexedDamage(
                path: ArchivePath.record(number), lines: nil, cause: "\(cause); the counts of its sweep are unknown"))
    }

    private func add(_ change: FileChange, of sweep: Int, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO temp.growth VALUES (?, ?, ?, ?, ?, ?)").execute(arguments: [
            change.path, sweep, change.after.lines, change.after.text, change.after.gzip, change.hash.description,
        ])
    }

    /// Adds the states of files that grew in sweeps without a record, as the files have them now.
    ///
    /// - Parameter last: The last sweep that is known.
    /// - Returns: Whether a file grew in a sweep after the last.
    private func addUnrecordedStates(_ sweeps: [Int], orAfter last: Int, _ db: Database) throws -> Bool {
        var isAnyAfterLast = false
        try archive.forEachCompressedFile { path in
            let lastState = try db.cachedStatement(
                sql: "SELECT sweep, gzip_bytes FROM temp.growth WHERE path = ? ORDER BY sweep DESC LIMIT 1")
            let known = try Row.fetchOne(lastState, arguments: [path])
            let (lastSweep, size): (Int, Int) = known.map { ($0["sweep"], $0["gzip_bytes"]) } ?? (0, 0)
            let sweep = sweeps.last { $0 > lastSweep } ?? last + 1
            _ = try unreadable {
                // A file that was pruned, and is there again, belongs to no sweep.
                let isPruned = known != nil && size == 0
                guard ArchivePath.parse(path) != nil, !isPruned, let file = try archive.root.file(path),
                    file.size > size
                else { return }
                var scanner = try GzipScanner(GzipFile(path: path, whole: file))
                while try scanner.next() != nil {}
                // Neither did it grow if it is in a state from before it was rewritten.
                let isEarlier = try db.cachedStatement(sql: "SELECT 1 FROM temp.growth WHERE path = ? AND sha256 = ?")
                guard
                    try Row.fetchOne(isEarlier, arguments: [path, scanner.state.hash.description]) == nil
                else { return }
                try add(FileChange(path: path, before: nil, after: scanner.state), of: sweep, db)
                if sweep > last { isAnyAfterLast = true }
            }
        }
        return isAnyAfterLast
    }
}
