package import DurableFiles
internal import Webhooks

/// The file of the leaves that one revision of a seal added, `_seals/<day>[.rN].leaves.tar.gz`: a `.tar` of ``Leaf``
/// files in ascending order of their names, compressed in blocks of whole entries (see ``GzipMember``).
///
/// The seal does not list the file, but each leaf.
struct LeavesFile {
    private let file: GzipFile
    private var scanner: GzipScanner
    private var entries: ArraySlice<TarBlock.Entry> = []
    /// Whether the end of the `.tar` was read.
    private var isAtEnd = false
    /// Whether the end of the file was read, too.
    private var isFinished = false
    private var last = ""

    var fullPath: String { file.fullPath }

    /// - Parameter path: The path from the archive's root.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if there is no such file.
    init(_ path: String, in root: Folder) throws {
        guard let opened = try root.file(path) else {
            throw ArchiveError.differs(root.path(of: path), "it is missing")
        }
        try self.init(opened)
    }

    init(_ opened: ReadFile) throws {
        file = GzipFile(path: opened.path, whole: opened)
        scanner = try GzipScanner(file, of: .tarEntries)
    }

    /// Returns the next leaf's path and bytes, or `nil` after the last. One block is in memory.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)``.
    mutating func next() throws -> (path: String, bytes: [UInt8])? {
        while entries.isEmpty {
            if isFinished { return nil }
            guard let found = try scanner.next() else {
                guard isAtEnd else { throw damaged("it ends before the end of the .tar") }
                isFinished = true
                return nil
            }
            guard !isAtEnd, let block = TarBlock(found.text) else {
                throw damaged("the block at byte \(found.offset) is not a part of a .tar as Daybook writes it")
            }
            entries = block.entries[...]
            isAtEnd = block.isLast
        }
        let entry = entries.removeFirst()
        guard last.utf8.lexicographicallyPrecedes(entry.path.utf8) else {
            throw damaged("\(entry.path) in it is not after the leaf before it")
        }
        last = entry.path
        return (entry.path, Array(entry.bytes))
    }

    private func damaged(_ cause: String) -> ArchiveError { .differs(fullPath, cause) }
}

extension ArchiveFolder {
    /// Returns whether a file has exactly the leaves of these lines, in this order.
    package static func hasLeaves(_ lines: [ChecksumLine], _ file: ReadFile) throws -> Bool {
        do {
            var leaves = try LeavesFile(file)
            for line in lines {
                guard let leaf = try leaves.next(), leaf.path == line.path, ContentHash(of: leaf.bytes) == line.hash
                else { return false }
            }
            return try leaves.next() == nil
        } catch is ArchiveError {
            return false
        } catch let error as FileError where error.isOfReading {
            return false
        }
    }
}

extension LeavesFile {
    /// The number of bytes that are read block by block, rather than halved again.
    private static let smallest = 1 << 16

    /// Returns the bytes of one leaf, or `nil` if it is not found. Blocks that are damaged are skipped.
    ///
    /// It is a binary search over the compressed bytes: the next block begins after the next full flush, and is
    /// recognised by the headers in it. So the time grows with the logarithm of the number of leaves.
    mutating func find(_ path: String) throws -> [UInt8]? {
        // The wanted leaf is in none of the blocks before `low`, and in none that begins at `high` or later.
        var low = GzipMember.header.count
        var high = file.state.gzipBytes - GzipMember.endCount
        while high - low > Self.smallest {
            let middle = low + (high - low) / 2
            if let block = try block(from: middle, before: high), let first = block.entries.first,
                !path.utf8.lexicographicallyPrecedes(first.path.utf8)
            {
                low = block.start
            } else {
                high = middle
            }
        }
        while let block = try block(from: low, before: high) {
            if let entry = block.entries.first(where: { $0.path == path }) { return Array(entry.bytes) }
            low = block.start + 1
        }
        return nil
    }

    /// Returns the first block that begins in a part of the file, or `nil` if there is none.
    private mutating func block(from: Int, before end: Int) throws -> (start: Int, entries: [TarBlock.Entry])? {
        var start = from
        while start < end {
            let isFirst = start == GzipMember.header.count
            let flushed = isFirst ? start : try file.nextFlush(from: start - GzipMember.flush.count, before: end)
            guard let candidate = flushed, candidate < end else { return nil }
            scanner.seek(to: candidate)
            do {
                if let found = try scanner.next(), let block = TarBlock(found.text) {
                    return (candidate, block.entries)
                }
            } catch is ArchiveError {
                // The bytes of a flush occur by chance in compressed data, too.
            }
            start = candidate + 1
        }
        return nil
    }
}
