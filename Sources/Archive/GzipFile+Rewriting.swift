package import DurableFiles
internal import Webhooks

extension GzipFile {
    /// Writes the file again with some of its lines replaced. Blocks without such a line keep their bytes, and lines that
    /// began a block begin one again, so each recorded number of lines remains the end of a block.
    ///
    /// - Parameters:
    ///   - file: An empty file for the result.
    ///   - replacement: Returns what to write in place of a line, including its LF, or `nil` to keep it. Lines are passed
    ///     without their LF, with their numbers from 0.
    /// - Returns: The new state, and all blocks.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the bytes are not those that were recorded.
    package func rewrite(
        to file: consuming NewFile, deflater: Deflater, inflater: Inflater = Inflater(),
        replacing replacement: (_ line: ArraySlice<UInt8>, _ number: Int) throws -> [UInt8]?
    ) throws -> (state: GzipState, blocks: [GzipBlock]) {
        var appender = try GzipAppender(after: nil, to: file, deflater: deflater)
        var scanner = try GzipScanner(self, inflater: inflater)
        var number = 0
        while let found = try scanner.next() {
            var lines: [(old: ArraySlice<UInt8>, new: [UInt8]?)] = []
            for line in found.text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                lines.append((line, try replacement(line, number)))
                number += 1
            }
            guard lines.contains(where: { $0.new != nil }) else {
                let compressed = try read(at: found.offset, count: found.block.gzipBytes)
                try appender.append(found.block, compressed: compressed)
                continue
            }
            for line in lines { try appender.append(line.new ?? Array(line.old) + [UInt8(ascii: "\n")]) }
            try appender.endBlock()
        }
        guard scanner.state == state else {
            throw ArchiveError.differs(fullPath, "its bytes are not those that were recorded")
        }
        let (state, blocks) = try appender.finish()
        return (state, blocks)
    }
}
