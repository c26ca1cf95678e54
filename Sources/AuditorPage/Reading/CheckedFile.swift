internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// A file that is handed out in blocks, each of which is checked first.
///
/// For an archive, the index has the SHA-256 of each block, and the header and end are fixed. So a part is checked as
/// well as the whole, and only one block is in memory. For a ledger, the index has no blocks, so the whole file is
/// hashed before its first byte is handed out.
struct CheckedFile {
    let name: String
    /// The size of the file, in bytes.
    let size: Int
    let hash: ContentHash
    let mediaType: String

    private let source: Source
    private var position = 0
    private var end: Int
    private var blocks: ArraySlice<IndexedBlock> = []
    private var isAtBlocks = false

    private enum Source {
        case bytes([UInt8])
        case ledger(GzipFile)
        case archive(GzipFile, IndexedFile, ScopedArchive, Route.Place)
    }

    private init(_ source: Source, name: String, size: Int, hash: ContentHash, mediaType: String) {
        self.source = source
        self.name = name
        self.size = size
        self.hash = hash
        self.mediaType = mediaType
        end = size
    }

    /// A small file, in memory.
    init(_ bytes: [UInt8], name: String, mediaType: String) {
        self.init(
            .bytes(bytes), name: name, size: bytes.count, hash: ContentHash(of: bytes), mediaType: mediaType)
    }

    /// - Throws: ``ArchiveError/differs(_:_:)`` if the file differs from the index.
    init(_ file: IndexedFile, at place: Route.Place, in scoped: ScopedArchive, name: String) throws {
        let opened = try GzipFile(file.reference, in: scoped.archive)
        let source: Source
        switch file.kind {
        case .archives: source = .archive(opened, file, scoped, place)
        case .ledgers:
            try opened.stream { _ in }
            source = .ledger(opened)
        }
        self.init(
            source, name: name, size: file.state.gzipBytes, hash: file.state.hash, mediaType: "application/gzip")
    }

    /// Limits the file to this part. Call it before the first ``next()``.
    mutating func narrow(to range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// Returns the next checked bytes, or `nil` at the end.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if they differ from the index.
    mutating func next() throws -> [UInt8]? {
        guard position < end else { return nil }
        let (start, bytes) = try checked()
        let from = position - start
        let piece = bytes[from..<min(bytes.count, end - start)]
        guard !piece.isEmpty else { throw ArchiveError.differs(name, "it ends before its length") }
        position += piece.count
        return Array(piece)
    }

    /// Checked bytes that include the current position, and their offset in the file.
    private mutating func checked() throws -> (start: Int, bytes: [UInt8]) {
        switch source {
        case .bytes(let bytes): return (0, bytes)
        case .ledger(let file): return (position, try file.read(at: position, count: min(1 << 18, end - position)))
        case .archive(let file, let indexed, let scoped, let place):
            let tail = size - GzipMember.endCount
            if position < GzipMember.header.count {
                return (0, try require(GzipMember.header, in: file, at: 0))
            }
            if position >= tail {
                let end = GzipMember.end(crc32: file.state.crc32, textBytes: file.state.textBytes)
                return (tail, try require(end, in: file, at: tail))
            }
            let block = try nextBlock(indexed, in: scoped, of: place)
            guard block.offset <= position, position < block.offset + block.block.gzipBytes,
                block.offset + block.block.gzipBytes <= tail
            else { throw ArchiveError.differs(file.fullPath, "the index knows no block at byte \(position)") }
            let bytes = try file.read(at: block.offset, count: block.block.gzipBytes)
            guard ContentHash(of: bytes) == block.block.hash else {
                throw ArchiveError.differs(
                    file.fullPath, "the block at byte \(block.offset) has another SHA-256 than was recorded")
            }
            return (block.offset, bytes)
        }
    }

    private func require(_ known: [UInt8], in file: GzipFile, at offset: Int) throws -> [UInt8] {
        guard try file.read(at: offset, count: known.count) == known else {
            throw ArchiveError.differs(file.fullPath, "its \(known.count) bytes at \(offset) are not as recorded")
        }
        return known
    }

    /// The number of block rows read at a time: some kilobytes, even for the largest archive.
    private static let batch = 256

    private mutating func nextBlock(
        _ indexed: IndexedFile, in scoped: ScopedArchive, of place: Route.Place
    ) throws -> IndexedBlock {
        if let block = blocks.popFirst() { return block }
        let (position, isAtBlocks) = (position, isAtBlocks)
        let more = try scoped.read { snapshot -> [IndexedBlock] in
            // The archive is found by its path again, since a rebuilt index may have other row ids.
            guard let file = try snapshot.file(.archives, of: place, on: indexed.day),
                let block = try snapshot.block(of: file, atByte: position)
            else { return [] }
            return try snapshot.blocks(of: file, fromLine: block.firstLine, limit: isAtBlocks ? Self.batch : 4)
        }
        self.isAtBlocks = true
        blocks = more[...]
        guard let block = blocks.popFirst() else {
            throw ArchiveError.differs(indexed.path, "the index knows no block at byte \(position)")
        }
        return block
    }
}
