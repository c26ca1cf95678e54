internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Webhooks

/// Reads the events of a table from an archive, by business, time of receipt, and id.
///
/// The index is read on the calling thread, and the blocks that it names on all threads, a portion at a time. Within an
/// archive, lines are in this order except where a later sweep brought earlier deliveries, so each block is usually read once.
struct TableReader {
    typealias Damage = (any Error) throws -> Void
    /// Called with each row: the batch that contains it, and its index there.
    typealias Body = (ColumnBatch, Int) throws -> Void

    private let columns: TableColumns
    private let archive: ArchiveFolder
    private let snapshot: IndexSnapshot
    private let pipeline: Pipeline

    private(set) var counts = Counts()
    /// For each pointer, the values that do not fit the type of its column.
    private(set) var misfits: [Misfits]

    /// The blocks to read next, and the rows to take from them, in order.
    private var portion: [BlockToRead] = []
    private var order: [(block: Int, line: Int)] = []
    private var textBytes = 0
    /// The last file that could not be opened, which is reported once.
    private var unopened: Int64?

    private static let mostTextBytes = 32 << 20
    private static let mostBlocks = 4096
    private static let mostLines = 1 << 16

    struct Counts {
        var archives = 0
        var events = 0
        /// The size of the blocks that were read.
        var gzipBytes = 0
    }

    /// The values at a pointer that do not fit the type of its column.
    struct Misfits: Sendable {
        var count = 0
        /// The first event that has one.
        var first: DeliveryID?

        mutating func add(_ other: Misfits) {
            count += other.count
            first = first ?? other.first
        }
    }

    /// A block, and the lines to take from it.
    private struct BlockToRead: Sendable {
        let file: IndexedFile
        let block: IndexedBlock
        var lines: [IndexedLine] = []
    }

    private enum Outcome: Sendable {
        case unopened(any Error)
        case unreadable(any Error)
        case read(Rows)
    }

    private struct Rows: Sendable {
        var batch: ColumnBatch
        /// For each of the lines to take, its row, or `nil` if it has none.
        var rows: [Int?]
        var misfits: [Misfits]
        /// The lines that are not as Daybook wrote them.
        var faults: [ArchiveError] = []
    }

    init(_ columns: TableColumns, of archive: ArchiveFolder, _ snapshot: IndexSnapshot, _ pipeline: Pipeline) {
        self.columns = columns
        self.archive = archive
        self.snapshot = snapshot
        self.pipeline = pipeline
        misfits = columns.ofPointers.map { _ in Misfits() }
    }

    /// Calls `body` with each row.
    ///
    /// - Parameters:
    ///   - progress: Called with the size of the blocks that were read so far, again and again.
    ///   - damage: Called for each file, block, or line that is left out.
    mutating func run(
        _ period: TablePeriod, progress: (Int) -> Void, damage: Damage, _ body: Body
    ) throws {
        try snapshot.forEachArchiveByBusiness(in: period.selection) { file in
            try add(file, damage, body)
            progress(counts.gzipBytes)
        }
        try readPortion(damage, body)
        for it in try snapshot.damage(in: period.selection) where ArchivePath.parse(it.path)?.isLedger == false {
            try damage(ArchiveError.differs(archive.root.path(of: it.path), it.cause))
        }
    }

    private mutating func add(_ file: IndexedFile, _ damage: Damage, _ body: Body) throws {
        counts.archives += 1
        let blocks = try snapshot.blocks(of: file)
        // Where each block is in the portion.
        var places: [Int: Int] = [:]
        try snapshot.forEachLineByTime(of: file) { line in
            guard let number = Self.block(holding: line.number, in: blocks) else { return }
            if portion.isEmpty { places = [:] }
            let place = places[number] ?? portion.count
            if place == portion.count {
                places[number] = place
                portion.append(BlockToRead(file: file, block: blocks[number]))
                textBytes += blocks[number].block.textBytes
            }
            order.append((place, portion[place].lines.count))
            portion[place].lines.append(line)
            if isPortionFull { try readPortion(damage, body) }
        }
    }

    private var isPortionFull: Bool {
        textBytes >= Self.mostTextBytes || portion.count >= Self.mostBlocks || order.count >= Self.mostLines
    }

    /// Returns the index of the block that contains a line, by bisection, or `nil` if a rebuild of the index could not read it.
    private static func block(holding line: Int, in blocks: [IndexedBlock]) -> Int? {
        var range = 0..<blocks.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if blocks[middle].lines.contains(line) { return middle }
            range = line < blocks[middle].firstLine ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return nil
    }

    private mutating func readPortion(_ damage: Damage, _ body: Body) throws {
        let (blocks, order) = (portion, order)
        (portion, self.order, textBytes) = ([], [], 0)
        var found: [Rows?] = blocks.map { _ in nil }
        try pipeline.run(blocks.count, inBatches: true) { [columns] in
            (RowReader(columns), Inflater())
        } produce: { [archive, columns] tools, number in
            try Self.read(blocks[number], in: archive, columns, tools)
        } consume: { number, outcome in
            found[number] = try take(outcome, of: blocks[number], damage)
        }
        for (block, line) in order {
            guard let rows = found[block], let row = rows.rows[line] else { continue }
            try body(rows.batch, row)
            counts.events += 1
        }
    }

    private static func read(
        _ wanted: BlockToRead, in archive: ArchiveFolder, _ columns: TableColumns, _ tools: (RowReader, Inflater)
    ) throws -> Outcome {
        let (reader, inflater) = tools
        let file: GzipFile
        do {
            file = try GzipFile(wanted.file.reference, in: archive)
        } catch let error where ArchiveError.isDamage(error) {
            return .unopened(error)
        }
        let text: [UInt8]
        do {
            text = try file.text(of: wanted.block.block, at: wanted.block.offset, inflater: inflater)
        } catch let error where ArchiveError.isDamage(error) {
            return .unreadable(error)
        }
        var rows = Rows(
            batch: ColumnBatch(columns), rows: wanted.lines.map { _ in nil },
            misfits: columns.ofPointers.map { _ in Misfits() })
        var rest = wanted.lines.indices.sorted { wanted.lines[$0].number < wanted.lines[$1].number }[...]
        var number = wanted.block.firstLine
        try text.withUnsafeBytes { text in
            try text.forEachLine { line in
                defer { number += 1 }
                guard let place = rest.first, wanted.lines[place].number == number else { return }
                rest.removeFirst()
                // The index may be older than the tombstone.
                if EventTombstone.isTombstone(line) { return }
                do {
                    let row = rows.batch.rows
                    let misfits = try reader.append(
                        line, known: wanted.lines[place], of: wanted.file, to: &rows.batch)
                    rows.rows[place] = row
                    for index in misfits {
                        rows.misfits[index].add(Misfits(count: 1, first: try EventLineView(line).id))
                    }
                } catch let error where error is LineFault || error is PayloadFault {
                    rows.faults.append(.differs(file.fullPath, "line \(number + 1): \(error)"))
                }
            }
        }
        return .read(rows)
    }

    private mutating func take(_ outcome: Outcome, of wanted: BlockToRead, _ damage: Damage) throws -> Rows? {
        switch outcome {
        case .unopened(let error):
            if unopened != wanted.file.row { try damage(error) }
            unopened = wanted.file.row
            return nil
        case .unreadable(let error):
            try damage(error)
            return nil
        case .read(let rows):
            counts.gzipBytes += wanted.block.block.gzipBytes
            for index in misfits.indices { misfits[index].add(rows.misfits[index]) }
            for fault in rows.faults { try damage(fault) }
            return rows
        }
    }
}
