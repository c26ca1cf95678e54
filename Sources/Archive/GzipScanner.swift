internal import DurableFiles
internal import Webhooks

/// Reads a compressed file from its bytes alone, block by block, and checks everything that ``GzipMember`` specifies.
///
/// It shares no code with the writer, since a check must not trust it.
package struct GzipScanner {
    private let file: GzipFile
    private let contents: Contents
    private let inflater: Inflater
    private var input: [UInt8] = []
    private var position = 0
    /// The offset of `input[position]` in the file.
    private var offset = 0
    private var crc32: UInt32 = 0
    private var textBytes = 0
    private var lines = 0
    private var hash = RunningHash()

    package struct Found {
        package let block: GzipBlock
        /// The offset of its first compressed byte in the file.
        package let offset: Int
        package let text: [UInt8]
    }

    /// What a block has whole pieces of.
    package enum Contents {
        case lines
        /// The files of a `.tar`, each with its header.
        case tarEntries
    }

    /// - Parameter inflater: An inflater, which may be used for several files in turn.
    package init(_ file: GzipFile, of contents: Contents = .lines, inflater: Inflater = Inflater()) throws {
        self.init(file, of: contents, from: 0, inflater: inflater)
        try fill(GzipMember.header.count)
        guard input.starts(with: GzipMember.header) else { throw broken("the gzip header is not Daybook's") }
        try take(GzipMember.header.count)
    }

    /// Begins with the block at `offset`, without a look at the bytes before it. ``state`` is not that of the whole file.
    init(_ file: GzipFile, of contents: Contents = .lines, from offset: Int, inflater: Inflater = Inflater()) {
        self.file = file
        self.contents = contents
        self.inflater = inflater
        self.offset = offset
    }

    /// Returns the next block, or `nil` after the last, when the end of the file has been checked too.
    package mutating func next() throws -> Found? {
        try fill(1)
        guard position < input.count else { throw broken("the file ends without CRC-32 and length: it is cut") }
        // Only the last deflate block has the bit that marks the last.
        if input[position] & 1 == 1 {
            try finish()
            return nil
        }
        let start = offset
        var blockHash = RunningHash()
        var count = 0
        var emptyAt = 0
        /// The last four bytes that were read.
        var tail: UInt32 = 0
        inflater.begin()
        inflating: while true {
            if position == input.count { try fill(1 << 17) }
            guard position < input.count else { throw broken("the block at byte \(start) is cut") }
            let room = inflater.room.count
            if count == room {
                guard room < Inflater.textLimit else { throw broken("the block at byte \(start) is too large") }
                inflater.room.append(contentsOf: [UInt8](repeating: 0, count: room))
            }
            let step = inflater.advance(input[position...], into: &inflater.room, at: count, untilBoundary: true)
            let consumed = input[position..<(position + step.consumed)]
            blockHash.add(consumed)
            for byte in consumed.suffix(4) { tail = tail << 8 | UInt32(byte) }
            try take(step.consumed)
            count += step.produced
            switch step.status {
            case .more: continue
            case .broken, .end: throw broken("the block at byte \(start) is not independent deflate data")
            case .boundary where emptyAt != count: emptyAt = count
            case .boundary(let isAligned):
                // An empty deflate block is a full flush. Without it, other readers would find the
                // next block elsewhere, and read other text.
                guard isAligned, tail == GzipMember.flushEnd else {
                    throw broken("the block at byte \(start) is not ended by a full flush")
                }
                break inflating
            }
        }
        let found = Array(inflater.room[..<count])
        guard contents == .tarEntries || found.last == UInt8(ascii: "\n") else {
            throw broken("the block at byte \(start) ends within a line")
        }
        let block = GzipBlock(
            lines: contents == .lines ? Self.lineFeeds(in: found) : 0, textBytes: count, gzipBytes: offset - start,
            crc32: GzipMember.crc32(of: found), hash: blockHash.value)
        guard contents == .tarEntries || count <= GzipMember.blockTextLimit || block.lines == 1 else {
            throw broken("the block at byte \(start) holds \(count) bytes of text in \(block.lines) lines")
        }
        crc32 = GzipMember.combine(crc32, block.crc32, secondCount: count)
        textBytes += count
        lines += block.lines
        return Found(block: block, offset: start, text: found)
    }

    /// Continues with the block at this offset. What is known of the whole file is lost.
    mutating func seek(to offset: Int) {
        self.offset = offset
        position = 0
        input = []
    }

    /// The state according to the bytes, once ``next()`` has returned `nil`.
    package var state: GzipState {
        GzipState(lines: lines, textBytes: textBytes, gzipBytes: offset, crc32: crc32, hash: hash.value)
    }

    /// The compressed size in bytes of ``earlierState``.
    package var earlierBytes: Int { offset + GzipMember.endCount }

    /// The state that the file had when it ended with the block that ``next()`` returned last.
    package var earlierState: GzipState {
        let end = GzipMember.end(crc32: crc32, textBytes: textBytes)
        var hash = hash
        hash.add(end)
        return GzipState(
            lines: lines, textBytes: textBytes, gzipBytes: earlierBytes, crc32: crc32, hash: hash.value)
    }

    /// The form of this loop lets the compiler vectorise it.
    private static func lineFeeds(in text: [UInt8]) -> Int {
        text.withUnsafeBufferPointer { text in
            var count = 0
            for byte in text { count &+= byte == UInt8(ascii: "\n") ? 1 : 0 }
            return count
        }
    }

    private mutating func finish() throws {
        try fill(GzipMember.endCount + 1)
        let end = Array(input[position...])
        guard end.count == GzipMember.endCount else {
            throw broken(end.count < GzipMember.endCount ? "the file's end is cut" : "something follows the file's end")
        }
        guard end == GzipMember.end(crc32: crc32, textBytes: textBytes) else {
            throw broken("CRC-32 or length at the file's end are not those of its text")
        }
        try take(end.count)
    }

    /// Makes `count` bytes available, or all that are left.
    private mutating func fill(_ count: Int) throws {
        guard input.count - position < count else { return }
        let more = try file.read(at: offset + input.count - position, count: max(count, 1 << 17))
        input = Array(input[position...]) + more
        position = 0
    }

    private mutating func take(_ count: Int) throws {
        hash.add(input[position..<(position + count)])
        position += count
        offset += count
    }

    private func broken(_ cause: String) -> ArchiveError { .differs(file.fullPath, cause) }
}
