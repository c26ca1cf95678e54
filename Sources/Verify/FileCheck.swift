internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// Reads one file to its end, and compares it with the index and the records. Files are checked on several threads at
/// once, and a check does not depend on the others.
struct FileCheck {
    let archive: ArchiveFolder
    let file: IndexedFile
    /// The records of the file in its sweeps, in order.
    let growth: [RecordedStates.State]
    let snapshot: IndexSnapshot
    let inflater: Inflater
    private(set) var outcome = Outcome()

    struct Outcome: Sendable {
        var findings: [Finding] = []
        /// The counts of the lines that were read.
        var tally = Counts()
        /// The size of the compressed file in bytes, or `nil` if it could not be opened.
        var bytes: Int?
        /// The file was read to its end.
        var isWhole = false
        /// Whether it is longer than the index records.
        var isLonger = false
        /// The states that the file went through since it was last rewritten, by length.
        var states: [Int: Verification.KnownState] = [:]
        /// The first lines of a file that was rewritten, as far as a record counted them, by their number.
        var prefixes: [Int: Verification.KnownLines] = [:]
        /// The tombstones that were read, by line.
        var tombstones: [Int: Tombstone] = [:]
    }

    init(
        _ file: IndexedFile, growth: [RecordedStates.State], in archive: ArchiveFolder, snapshot: IndexSnapshot,
        inflater: Inflater
    ) {
        self.archive = archive
        self.file = file
        self.growth = growth
        self.snapshot = snapshot
        self.inflater = inflater
    }

    /// - Throws: ``IndexError`` if the index cannot be read. Anything wrong with the file is a finding.
    mutating func run() throws -> Outcome {
        do {
            let opened = try GzipFile(file.reference, in: archive)
            outcome.bytes = file.state.gzipBytes
            try read(opened)
            outcome.isLonger = try archive.root.status(of: file.path)?.size ?? 0 > file.state.gzipBytes
        } catch let error as ArchiveError {
            report("\(error)", remedy: Verification.restore)
        } catch let error as FileError {
            report("\(error)", remedy: Verification.restore)
        }
        return outcome
    }

    mutating func report(_ what: String, remedy: String) {
        outcome.findings.append(.init(path: file.path, what: what, remedy: remedy))
    }

    private mutating func read(_ opened: GzipFile) throws {
        checkGrowth()
        let changes = growth.map(\.change)
        let states = changes.sinceRewrite
        let lengths = Set(states.map(\.after.gzip))
        let counts = Set(states.count < changes.count ? changes.map(\.after.lines) : [])
        var lines = try LineCheck(file, growth: growth, snapshot: snapshot, calendar: archive.calendar)
        var blocks = try snapshot.blockRows(of: file)
        var scanner = try GzipScanner(opened, inflater: inflater)
        var textHash = RunningHash()
        var linesHash = LinesHash()
        var line = 0
        while let block = try scanner.next() {
            if file.kind == .archives {
                let known = IndexedBlock(firstLine: line, offset: block.offset, block: block.block)
                if try blocks.next().map({ $0.matches(known) }) != true {
                    report("the index has a different block at line \(line + 1)", remedy: Verification.reindex)
                }
            }
            textHash.add(block.text)
            try block.text.span.withUnsafeBytes { text in
                try text.forEachLine { bytes in
                    linesHash.add(bytes)
                    try lines.check(bytes, line: line, &self)
                    line += 1
                }
            }
            if lengths.contains(scanner.earlierBytes) {
                outcome.states[scanner.earlierBytes] = .init(
                    state: scanner.earlierState, textHash: textHash.value, linesHash: linesHash.value,
                    tally: outcome.tally)
            }
            if counts.contains(line) {
                outcome.prefixes[line] = .init(
                    hash: linesHash.value, tally: outcome.tally,
                    hasAllHashes: outcome.tombstones.values.allSatisfy { $0.lineHash != nil })
            }
        }
        let areLinesLeft = try lines.finish(&self)
        let areBlocksLeft = try blocks.next() != nil
        if areLinesLeft || areBlocksLeft {
            report("the index has more lines than the file", remedy: Verification.reindex)
        }
        if scanner.state != file.state {
            report("its length, lines or hash are not those in the index", remedy: Verification.reindex)
        }
        check(states)
        try checkTombstones()
        outcome.isWhole = true
    }

    /// Checks that each record continues where the one before ended, and that the index agrees with the first and
    /// the last.
    private mutating func checkGrowth() {
        var before = FileChange.Lengths(nil)
        for it in growth {
            if it.change.before != before {
                report(
                    "the record of sweep \(it.sweep) does not continue from the lengths it had before",
                    remedy: Verification.restore
                )
            }
            before = it.change.after
        }
        if let first = growth.first, let last = growth.last, (first.sweep, last.sweep) != (file.firstSweep, file.sweep)
        {
            report("the index and the records name different sweeps for it", remedy: Verification.reindex)
        }
    }

    /// Checks that each state a sweep recorded can be read from the file, and that the file is in the last of
    /// them.
    private mutating func check(_ states: [FileChange]) {
        for change in states {
            guard let state = outcome.states[change.after.gzip]?.state, state.hash == change.hash,
                state.lines == change.after.lines, state.textBytes == change.after.text
            else {
                report(
                    "its state of \(change.after.gzip) bytes, which a sweep recorded, cannot be read from it",
                    remedy: Verification.restore)
                continue
            }
        }
        if outcome.states[file.state.gzipBytes] == nil {
            report("no record describes its current state", remedy: Verification.restore)
        }
    }

    /// Checks that records that rewrote the file wrote its tombstones, and that the index has the same.
    private mutating func checkTombstones() throws {
        let rewrites = Set(growth.filter(\.change.isRewrite).map(\.sweep))
        if rewrites.isEmpty, outcome.tombstones.isEmpty { return }
        for (line, tombstone) in outcome.tombstones.sorted(by: { $0.key < $1.key })
        where !rewrites.contains(tombstone.record) {
            report(
                "line \(line + 1) is a tombstone of record \(tombstone.record), which did not rewrite the file",
                remedy: Verification.restore)
        }
        guard file.kind == .archives else { return }
        let found = outcome.tombstones.mapValues {
            IndexSnapshot.GoneEvent(gone: $0.gone, record: $0.record)
        }
        if try snapshot.tombstones(in: file) != found {
            report("the index has other tombstones than the file", remedy: Verification.reindex)
        }
    }

    mutating func count(_ add: (inout Counts) -> Void) { add(&outcome.tally) }

    mutating func add(_ tombstone: Tombstone, at line: Int) { outcome.tombstones[line] = tombstone }
}
