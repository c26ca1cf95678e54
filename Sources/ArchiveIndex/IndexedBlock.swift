package import Archive

/// A block and its position.
package struct IndexedBlock: Equatable, Sendable {
    package var firstLine: Int
    /// The offset of its first compressed byte in the file.
    package var offset: Int
    package var block: GzipBlock

    package var lines: Range<Int> { firstLine..<(firstLine + block.lines) }

    package init(firstLine: Int, offset: Int, block: GzipBlock) {
        self.firstLine = firstLine
        self.offset = offset
        self.block = block
    }
}
