internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Webhooks

/// Writes damaged files that no copy has again: from their whole blocks, and with what the index knows of the lost lines.
///
/// A lost event becomes a tombstone. Of a ledger, the index has everything but payloads that differed from their event's,
/// so only these are lost.
struct Salvage {
    private let archive: ArchiveFolder
    private let index: IndexDatabase
    private let copies: [RepairCopy]
    private let states: RecordedStates
    private let pipeline: Pipeline

    init(_ run: RepairRun, _ index: IndexDatabase) {
        archive = run.archive
        copies = run.copies
        states = run.states
        pipeline = run.pipeline
        self.index = index
    }

    /// Returns the files among these that can be salvaged, in the order of their paths: those that the index has.
    func files(of lost: [RepairedFile]) throws -> [IndexedFile] {
        try index.read { snapshot in
            try lost.compactMap { file in
                guard let parts = ArchivePath.parse(file.path) else { return nil }
                return try snapshot.file(parts.isLedger ? .ledgers : .archives, path: file.path)
            }
        }.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Commits the salvaged files by one record.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the index does not know every lost line of a file. Nothing is changed then.
    func commit(_ files: [IndexedFile], _ decider: Decider) throws {
        _ = try RewriteRun(archive, index, pipeline: pipeline) { _ in }.commit(files, .lost, decider) {
            snapshot, number, staging, pass in
            let deflater = Deflater()
            for file in files {
                var appender = try GzipAppender(after: nil, to: staging.file(file.path), deflater: deflater)
                let gone =
                    switch file.kind {
                    case .archives: try salvage(archive: file, to: &appender, snapshot, record: number)
                    case .ledgers: try salvage(ledger: file, to: &appender, snapshot, record: number)
                    }
                let (state, blocks) = try appender.finish()
                try pass(.init(file: file, state: state, blocks: blocks, gone: gone))
            }
        }
    }

    // MARK: - Archives

    /// Appends the blocks of an archive file that it or a copy has, and tombstones for all other lines.
    ///
    /// - Returns: The lost lines.
    private func salvage(
        archive file: IndexedFile, to appender: inout GzipAppender, _ snapshot: IndexSnapshot, record: Int
    ) throws -> Set<Int> {
        let sources = [try? archive.root.file(file.path)] + copies.map { $0.file(file.path) }
        var rows = try snapshot.lineRows(of: file)
        var gone: Set<Int> = []
        for block in try snapshot.blocks(of: file) {
            let intact = sources.lazy.compactMap { source -> [UInt8]? in
                guard let bytes = try? source?.read(at: block.offset, count: block.block.gzipBytes),
                    ContentHash(of: bytes) == block.block.hash
                else { return nil }
                return bytes
            }.first
            if let intact { try appender.append(block.block, compressed: intact) }
            for line in block.lines {
                guard let row = try rows.next(), row.line == line else { throw unknown(line, of: file) }
                if intact != nil { continue }
                guard let id = row.id, let hash = row.hash, let fingerprint = row.fingerprint else {
                    throw unknown(line, of: file)
                }
                let tombstone = EventTombstone(
                    id: id, environment: file.environment, type: row.detail, business: file.business, time: row.time,
                    hash: hash, size: row.size, fingerprint: fingerprint,
                    tombstone: Tombstone(lineHash: nil, gone: .lost, record: record))
                try appender.append(tombstone.bytes)
                gone.insert(line)
            }
            try appender.endBlock()
        }
        return gone
    }

    private func unknown(_ line: Int, of file: IndexedFile) -> ArchiveError {
        .differs(
            archive.root.path(of: file.path),
            "line \(line + 1) is lost, and the index does not know what it was, so it cannot be salvaged")
    }

    // MARK: - Ledgers

    /// Appends the lines of a ledger that can be read, and all others as the index has them.
    ///
    /// - Returns: The lines whose payloads are lost.
    private func salvage(
        ledger file: IndexedFile, to appender: inout GzipAppender, _ snapshot: IndexSnapshot, record: Int
    ) throws -> Set<Int> {
        let recorded = try states.states(of: file.path)
        var read: [Int: [UInt8]] = [:]
        let blocks = try? WholeBlocks(file.path, states: recorded.map(\.change), in: archive)
        _ = try blocks?.read { found, first in
            let lines = found.text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for (offset, line) in lines.enumerated() { read[first + offset] = Array(line) + [UInt8(ascii: "\n")] }
        }
        let known = try indexedLines(of: file, snapshot, record: record)
        var gone: Set<Int> = []
        // Each sweep began a block.
        var ends = recorded.map(\.change.after.lines)[...]
        for line in 0..<file.state.lines {
            while let end = ends.first, end <= line {
                try appender.endBlock()
                ends.removeFirst()
            }
            if let bytes = read[line] {
                try appender.append(bytes)
            } else if let indexed = known[line] {
                try appender.append(indexed.bytes)
                if case .redelivery(let it) = indexed, it.tombstone != nil { gone.insert(line) }
            } else {
                throw unknown(line, of: file)
            }
        }
        return gone
    }

    /// Returns the lines of a ledger as the index has them. Of the decisions that one sweep recorded in it, it has the order
    /// only if there is one.
    private func indexedLines(
        of file: IndexedFile, _ snapshot: IndexSnapshot, record: Int
    ) throws -> [Int: LedgerLine] {
        var lines: [Int: LedgerLine] = [:]
        var rows = try snapshot.lineRows(of: file)
        while let row = try rows.next() {
            guard let id = row.id, let hash = row.hash else { throw unknown(row.line, of: file) }
            switch row.kind {
            case .redelivery:
                guard let event = row.event else { continue }
                let lost = Tombstone(lineHash: nil, gone: .lost, record: record)
                lines[row.line] = .redelivery(
                    .init(
                        id: id, of: event, time: row.time, hash: hash, differing: nil,
                        tombstone: row.size == 0 ? nil : lost))
            case .quarantine:
                lines[row.line] = .quarantine(
                    .init(id: id, time: row.time, hash: hash, size: row.size, reason: row.detail, at: row.at))
            case .event, nil: continue
            }
        }
        for (sweep, decisions) in try snapshot.decisions(in: file) {
            guard decisions.count == 1,
                let state = try states.states(of: file.path).first(where: { $0.sweep == sweep }),
                state.change.after.lines == state.change.before.lines + 1
            else { continue }
            lines[state.change.before.lines] = decisions[0]
        }
        return lines
    }
}
