package import DurableFiles
internal import Webhooks

/// Writes a complete compressed file: a new one, or an earlier state followed by more lines.
package struct GzipAppender: ~Copyable {
    private var file: NewFile
    private var builder: BlockBuilder
    private var pending: [UInt8]
    private var hash = RunningHash()
    private var state: GzipState
    private var blocks: [GzipBlock] = []

    /// - Parameters:
    ///   - earlier: The state that the file begins with. Its bytes are compared with its recorded hash as they
    ///     are copied.
    ///   - file: An empty file for the earlier contents and the appended lines.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the earlier bytes are not those that were recorded.
    package init(after earlier: GzipFile?, to file: consuming NewFile, deflater: Deflater) throws {
        self.file = file
        builder = BlockBuilder(deflater)
        state = earlier?.state ?? GzipState(lines: 0, textBytes: 0, gzipBytes: 0, crc32: 0, hash: ContentHash(of: []))
        pending = earlier == nil ? GzipMember.header : []
        guard let earlier else { return }
        let kept = earlier.state.gzipBytes - GzipMember.endCount
        var seen = 0
        try earlier.stream { piece in
            let part = Array(piece.prefix(max(0, kept - seen)))
            seen += piece.count
            hash.add(part)
            try self.file.write(part)
        }
    }

    /// Appends a line, including its LF.
    package mutating func append(_ line: [UInt8]) throws { try line.withUnsafeBytes { try append($0) } }

    /// Appends a line, including its LF.
    package mutating func append(_ line: UnsafeRawBufferPointer) throws {
        if let full = builder.add(line) { try add(full.block, full.bytes) }
    }

    /// Appends a block as another file has it.
    package mutating func append(_ block: GzipBlock, compressed: [UInt8]) throws {
        try endBlock()
        try add(block, compressed)
    }

    /// Ends the file, which is durable once the filesystem is synced.
    ///
    /// - Returns: The new state, and the blocks that were added.
    package consuming func finish() throws -> (state: GzipState, added: [GzipBlock]) {
        try end()
        let result = (state, blocks)
        try file.finishUnsynced()
        return result
    }

    /// Ends the file, and makes it durable under `name`. See ``NewFile/commit(as:)``.
    consuming func commit(as name: String) throws {
        try end()
        try file.commit(as: name)
    }

    private mutating func end() throws {
        try endBlock()
        pending += GzipMember.end(crc32: state.crc32, textBytes: state.textBytes)
        try writePending()
        state.gzipBytes = file.size
        state.hash = hash.value
    }

    /// Ends the block that the last appended line is in, so that the next line begins another.
    package mutating func endBlock() throws {
        if let block = builder.end() { try add(block.block, block.bytes) }
    }

    private mutating func add(_ block: GzipBlock, _ compressed: [UInt8]) throws {
        state.crc32 = GzipMember.combine(state.crc32, block.crc32, secondCount: block.textBytes)
        state.textBytes += block.textBytes
        state.lines += block.lines
        blocks.append(block)
        pending += compressed
        if pending.count >= GzipMember.blockTextLimit { try writePending() }
    }

    private mutating func writePending() throws {
        hash.add(pending)
        try file.write(pending)
        pending.removeAll(keepingCapacity: true)
    }
}
