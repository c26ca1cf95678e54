internal import Archive
internal import DurableFiles
internal import Parallel
internal import Webhooks

/// A run of an ``EventQuery``. The index is read on the calling thread, and the blocks that it names on all threads, a
/// portion at a time.
final class EventQueryRun {
    typealias Damage = (any Error) throws -> Void
    typealias Body = (EventQuery.Found, IndexSnapshot) throws -> Void

    let query: EventQuery
    private let archive: ArchiveFolder
    let snapshot: IndexSnapshot
    private let pipeline: Pipeline

    var cost = EventQuery.Cost()
    /// The blocks to read next, the number of lines that may match in them, and the length of their text.
    private var portion: [BlockToRead] = []
    private var lines = 0
    private var textBytes = 0
    /// The number of blocks of a portion. If a limit may be reached soon, it begins small.
    private var mostBlocks: Int
    /// The last file that could not be opened, which is reported once.
    private var unopened: Int64?
    /// For each pointer of the condition, whether it led to any value.
    private var foundPointers: [Bool]

    static let mostBlocks = 4096
    static let mostTextBytes = 32 << 20

    /// There are as many events as the query may find.
    struct LimitReached: Error {}

    /// A block, and the numbers of its lines that match as far as the index knows.
    struct BlockToRead: Sendable {
        let file: IndexedFile
        let block: IndexedBlock
        let lines: ArraySlice<Int>
    }

    private enum Outcome: Sendable {
        case unopened(any Error)
        case unreadable(any Error)
        case read(Matches)
    }

    private struct Matches: Sendable {
        /// The text of the block, unless none of its lines matches.
        var text: [UInt8] = []
        /// The lines that match, and where they are in the text.
        var lines: [(number: Int, bytes: Range<Int>)] = []
        /// The number of tombstones.
        var gone = 0
        var foundPointers: [Bool] = []
    }

    /// What a thread needs for one block after another.
    private struct Tools {
        let inflater = Inflater()
        let types: TypeMatcher
        let matcher: PayloadMatcher?
    }

    init(_ query: EventQuery, in archive: ArchiveFolder, _ snapshot: IndexSnapshot, _ pipeline: Pipeline) {
        self.query = query
        self.archive = archive
        self.snapshot = snapshot
        self.pipeline = pipeline
        mostBlocks = query.limit == nil ? Self.mostBlocks : 16
        foundPointers = query.condition?.pointers.map { _ in false } ?? []
    }

    func run(damage: Damage, _ body: Body) throws -> EventQuery.Cost {
        do {
            if query.isNewestFirst {
                try findNewestFirst(damage, body)
            } else {
                try snapshot.forEachMatch(of: query) { file, lines in try add(file, lines, damage, body) }
                try readPortion(damage, body)
            }
            try reportLostLines(damage)
        } catch is LimitReached {}
        if let condition = query.condition, cost.blocksInflated > 0 {
            cost.missingPointers = zip(condition.pointers, foundPointers).filter { !$1 }.map(\.0.description)
        }
        return cost
    }

    private func add(_ file: IndexedFile, _ lines: [Int], _ damage: Damage, _ body: Body) throws {
        cost.archives += 1
        try forEachBlock(of: file, holding: lines) { block in
            portion.append(block)
            self.lines += block.lines.count
            textBytes += block.block.block.textBytes
            if isPortionFull { try readPortion(damage, body) }
        }
    }

    /// Calls `body` with each block of a file that contains some of the lines, which are ascending.
    func forEachBlock(of file: IndexedFile, holding lines: [Int], _ body: (BlockToRead) throws -> Void) throws {
        var wanted = lines[...]
        for block in try snapshot.blocks(of: file) {
            cost.blocks += 1
            let before = wanted.prefix { $0 < block.lines.upperBound }
            wanted = wanted.dropFirst(before.count)
            // The index has no block for lines that a rebuild could not read.
            let here = before.drop { $0 < block.firstLine }
            if !here.isEmpty { try body(BlockToRead(file: file, block: block, lines: here)) }
        }
    }

    private var isPortionFull: Bool {
        if portion.count >= mostBlocks || textBytes >= Self.mostTextBytes { return true }
        // Without a condition, each line is a match, unless it is gone.
        guard let limit = query.limit, query.condition == nil else { return false }
        return cost.events + lines >= limit
    }

    private func readPortion(_ damage: Damage, _ body: Body) throws {
        let blocks = portion
        (portion, lines, textBytes) = ([], 0, 0)
        mostBlocks = min(2 * mostBlocks, Self.mostBlocks)
        try read(blocks, damage) { file, number, line in
            if cost.events == query.limit { throw LimitReached() }
            try body(EventQuery.Found(line: line, archive: file, number: number), snapshot)
            cost.events += 1
        }
    }

    /// Reads blocks on all threads, and calls `body` with each line that matches, in the order of the blocks.
    func read(
        _ blocks: [BlockToRead], _ damage: Damage,
        _ body: (_ file: IndexedFile, _ number: Int, _ line: ArraySlice<UInt8>) throws -> Void
    ) throws {
        try pipeline.run(blocks.count, inBatches: true) {
            [condition = query.condition, types = TypeMatcher(query.typesInLines)] in
            Tools(types: types, matcher: condition.map(PayloadMatcher.init))
        } produce: { [archive] tools, number in
            try Self.read(blocks[number], in: archive, tools)
        } consume: { number, outcome in
            try take(outcome, of: blocks[number], damage, body)
        }
    }

    private static func read(_ wanted: BlockToRead, in archive: ArchiveFolder, _ tools: Tools) throws -> Outcome {
        let file: GzipFile
        do {
            file = try GzipFile(wanted.file.reference, in: archive)
        } catch let error where ArchiveError.isDamage(error) {
            return .unopened(error)
        }
        var matches = Matches()
        do {
            matches.text = try file.text(of: wanted.block.block, at: wanted.block.offset, inflater: tools.inflater)
        } catch let error where ArchiveError.isDamage(error) {
            return .unreadable(error)
        }
        var rest = wanted.lines
        var number = wanted.block.firstLine
        var start = 0
        try matches.text.withUnsafeBytes { text in
            try text.forEachLine { line in
                defer {
                    number += 1
                    start += line.count + 1
                }
                guard rest.first == number else { return }
                rest.removeFirst()
                guard tools.types.matches(line) else { return }
                if EventTombstone.isTombstone(line) {
                    matches.gone += 1
                } else if try tools.matcher?.matches(EventLine.data(in: line)) ?? true {
                    matches.lines.append((number, start..<(start + line.count)))
                }
            }
        }
        if matches.lines.isEmpty { matches.text = [] }
        matches.foundPointers = tools.matcher?.found ?? []
        return .read(matches)
    }

    private func take(
        _ outcome: Outcome, of wanted: BlockToRead, _ damage: Damage,
        _ body: (IndexedFile, Int, ArraySlice<UInt8>) throws -> Void
    ) throws {
        switch outcome {
        case .unopened(let error):
            if unopened != wanted.file.row { try damage(error) }
            unopened = wanted.file.row
        case .unreadable(let error):
            cost.blocksInflated += 1
            try damage(error)
        case .read(let matches):
            cost.blocksInflated += 1
            cost.bytesRead += wanted.block.block.gzipBytes
            cost.gone += matches.gone
            for (index, isFound) in matches.foundPointers.enumerated() where isFound { foundPointers[index] = true }
            for (number, bytes) in matches.lines {
                try body(wanted.file, number, matches.text[bytes])
            }
        }
    }

    /// Reports the lines that the index could not be rebuilt from, which may have had matches.
    private func reportLostLines(_ damage: Damage) throws {
        for it in try snapshot.damage(in: query.selection) {
            guard let lines = it.lines, !lines.isEmpty, ArchivePath.parse(it.path)?.isLedger == false else { continue }
            try damage(
                ArchiveError.differs(
                    archive.root.path(of: it.path), "\(lines.count) of its lines are lost: \(it.cause)"))
        }
    }
}
