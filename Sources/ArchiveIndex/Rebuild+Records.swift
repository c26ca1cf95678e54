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
            // What it received is not known, but that it was.
            try transaction.add(
                SweepRecord(sweep: number, kind: .sweep, started: "", days: [], files: []), state: .cleared)
            try transaction.add(
                IndexedDamage(path: path, lines: nil, cause: "\(cause); the counts of its sweep are unknown"))
        }
        if !missing.isEmpty { try addUnrecordedStates(missing, db) }
    }

    private func add(_ change: FileChange, of sweep: Int, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO temp.growth VALUES (?, ?, ?, ?, ?, ?)").execute(arguments: [
            change.path, sweep, change.after.lines, change.after.text, change.after.gzip, change.hash.description,
        ])
    }

    /// Adds the states of files that grew in sweeps without a record, as the files have them now.
    private func addUnrecordedStates(_ sweeps: [Int], _ db: Database) throws {
        try archive.forEachCompressedFile { path in
            let known = try Row.fetchOne(
                db, sql: "SELECT sweep, gzip_bytes FROM temp.growth WHERE path = ? ORDER BY sweep DESC LIMIT 1",
                arguments: [path])
            let (lastSweep, size): (Int, Int) = known.map { ($0["sweep"], $0["gzip_bytes"]) } ?? (0, 0)
            guard let sweep = sweeps.last(where: { $0 > lastSweep }) else { return }
            _ = try unreadable {
                guard let file = try archive.root.file(path), file.size > size else { return }
                let state = GzipState(
                    lines: 0, textBytes: 0, gzipBytes: file.size, crc32: 0, hash: ContentHash(of: []))
                var scanner = try GzipScanner(GzipFile(path: path, state: state, file: file))
                while try scanner.next() != nil {}
                try add(FileChange(path: path, before: nil, after: scanner.state), of: sweep, db)
            }
        }
    }
}
