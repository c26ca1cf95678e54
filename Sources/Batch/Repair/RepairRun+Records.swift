internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

extension RepairRun {
    /// Reads the records of all sweeps, and restores those that a copy has.
    mutating func restoreRecords() throws {
        let indexed = try index?.read { try $0.lastSweep() } ?? 0
        var last = max(indexed, try archive.recordedSweeps().last ?? 0)
        // If the last records are lost with the index, the files show that there were such sweeps.
        while index == nil, try copies.contains(where: { try hasGrown(in: last + 1, of: $0) }) { last += 1 }
        for number in 1..<(last + 1) {
            let path = ArchivePath.record(number)
            try progress(path)
            if let cause = try addStates(of: number, in: archive) {
                let copy = try copies.first { copy in
                    guard let archive = copy.archive else { return false }
                    return try addStates(of: number, in: archive) == nil
                }
                guard let copy, let file = copy.file(path) else {
                    missingRecords[number] = cause
                    continue
                }
                try replace(path, with: file)
                report(path, cause, from: [copy.path])
            }
        }
    }

    /// Returns whether a file of the archive is in the state that a copy's record of a sweep lists for it.
    private func hasGrown(in sweep: Int, of copy: RepairCopy) throws -> Bool {
        guard var reader = (try? copy.archive?.record(sweep)) ?? nil else { return false }
        while let change = (try? reader.next()) ?? nil {
            if let file = try? archive.root.file(change.path), file.size == change.after.gzip,
                try Self.hash(of: file) == change.hash
            {
                return true
            }
        }
        return false
    }

    /// Adds the states in a sweep's record, after reading it to its end.
    ///
    /// - Returns: What is wrong with the record, or `nil` if it was added.
    private func addStates(of number: Int, in archive: ArchiveFolder) throws -> String? {
        do {
            guard var reader = try archive.record(number) else { return "it is missing" }
            guard reader.record.sweep == number else { return "it is of sweep \(reader.record.sweep)" }
            while try reader.next() != nil {}
            guard let again = try archive.record(number) else { return "it is missing" }
            try states.add(again)
            return nil
        } catch ArchiveError.differs(_, let cause), ArchiveError.unreadable(_, let cause) {
            return cause
        } catch let error as FileError where error.isOfReading {
            return "\(error)"
        }
    }

    /// Derives the records that no copy has from the index, the other records, and the files.
    mutating func deriveRecords() throws {
        guard !missingRecords.isEmpty else { return }
        let isReadable = files.isEmpty || acts
        let derived = try isWhole && isReadable ? changesOfMissingRecords() : [:]
        // An index that was rebuilt without a record does not have its counts.
        let unknown = Set(try index?.read { try $0.damage() }.map(\.path) ?? [])
        let rows =
            try index?.read { try $0.sweeps() }.filter { !unknown.contains(ArchivePath.record($0.record.sweep)) } ?? []
        for (number, cause) in missingRecords.sorted(by: { $0.key < $1.key }) {
            let path = ArchivePath.record(number)
            let sources = ["the index and the files"]
            // The files that it is derived from are not restored yet.
            if !isReadable, isWhole, rows.contains(where: { $0.record.sweep == number }) {
                report(path, cause, from: sources)
                continue
            }
            guard let row = rows.first(where: { $0.record.sweep == number }), let changes = derived[number],
                let record = Self.record(row, changes)
            else {
                report(path, cause, from: nil)
                continue
            }
            if acts {
                try write(record, changes, to: path)
                _ = try addStates(of: number, in: archive)
            }
            report(path, cause, from: sources)
        }
    }

    /// Writes the record of an interrupted sweep, which its staging has lost, from the index and the other records.
    ///
    /// - Returns: Whether it could be derived.
    mutating func deriveStagedRecord(_ sweep: Int) throws -> Bool {
        try restoreRecords()
        guard Array(missingRecords.keys) == [sweep] else { return false }
        let row = try index?.read { try $0.sweeps() }.first { $0.record.sweep == sweep }
        guard let row, let changes = try changesOfMissingRecords()[sweep], let record = Self.record(row, changes)
        else { return false }
        try write(record, changes, to: ArchivePath.stagedRecord(sweep))
        return true
    }

    /// Returns the record that a row of the index has the counts of, if these are its changes.
    private static func record(_ row: IndexSnapshot.SweepRow, _ changes: [FileChange]) -> SweepRecord? {
        guard changes.reduce(0, { $0 + $1.growth }) == row.compressed else { return nil }
        var record = row.record
        (record.files, record.compressed) = (changes.count, row.compressed)
        return record
    }

    private func write(_ record: SweepRecord, _ changes: [FileChange], to path: String) throws {
        try archive.write(record, to: path) { add in for change in changes { try add(change) } }
    }

    /// Returns how files changed in sweeps without a record: what the other records and the index leave open.
    ///
    /// Where a file has a gap in which several of these sweeps fall, it is not known which of them changed it.
    private func changesOfMissingRecords() throws -> [Int: [FileChange]] {
        var changes: [Int: [FileChange]] = missingRecords.mapValues { _ in [] }
        var unknown: Set<Int> = []
        /// - Parameter next: The hash of the file afterwards, if the next record has it.
        func add(
            _ path: String, _ last: FileChange?, _ after: FileChange.Lengths, hash next: ContentHash?,
            between: ClosedRange<Int>
        ) throws {
            let before = last?.after ?? FileChange.Lengths(nil)
            guard before != after else { return }
            let sweeps = missingRecords.keys.filter { between.contains($0) }
            guard let sweep = sweeps.first, sweeps.count == 1,
                let hash = try next ?? hash(of: path, gzipBytes: after.gzip)
            else {
                unknown.formUnion(sweeps)
                return
            }
            let isRewrite = after.lines <= before.lines
            changes[sweep]?.append(
                FileChange(
                    path: path, before: before, after: after, hash: hash, hashBefore: isRewrite ? last?.hash : nil))
        }
        let pruned = try daysPrunedWithoutRecord()
        func addGaps(_ path: String, _ states: [RecordedStates.State]) throws {
            var (last, sweep): (FileChange?, Int) = (nil, 0)
            for state in states {
                let change = state.change
                try add(path, last, change.before, hash: change.hashBefore, between: sweep...state.sweep)
                (last, sweep) = (change, state.sweep)
            }
            if let parts = ArchivePath.parse(path), let record = pruned[parts.environment]?[parts.day] {
                try add(path, last, .init(nil), hash: ContentHash(of: []), between: record...record)
            } else if let known = try indexed(path), known.sweep > sweep {
                try add(
                    path, last, FileChange.Lengths(known.state), hash: known.state.hash,
                    between: (sweep + 1)...known.sweep)
            }
        }
        try states.forEachFile(addGaps)
        for path in try pathsWithoutRecord() { try addGaps(path, []) }
        return changes.filter { !unknown.contains($0.key) }.mapValues { $0.sorted { $0.path < $1.path } }
    }

    /// Returns the hash that a file had when it had this length, or `nil` if that cannot be read from it any more.
    private func hash(of path: String, gzipBytes: Int) throws -> ContentHash? {
        guard let known = try indexed(path) else { return nil }
        do {
            return try archive.state(of: known.reference, gzipBytes: gzipBytes).hash
        } catch ArchiveError.differs {
            return nil
        }
    }
}
