internal import Webhooks

/// Collects lines, and compresses them in blocks. What it calls a line may be the whole entry of a `.tar`: no block ends
/// within one.
struct BlockBuilder {
    private let deflater: Deflater
    private var text: [UInt8] = []
    private var lines = 0

    init(_ deflater: Deflater) { self.deflater = deflater }

    /// A block and its bytes.
    struct Compressed: Sendable {
        let block: GzipBlock
        let bytes: [UInt8]
    }

    /// Adds a line, including its LF. Returns the block that is complete, if the line does not fit into it.
    mutating func add(_ line: UnsafeRawBufferPointer) -> Compressed? {
        let full = text.count + line.count > GzipMember.blockTextLimit ? end() : nil
        text.append(contentsOf: line)
        lines += 1
        return full
    }

    /// Returns the block of the lines since the last one, or `nil` if there are none.
    mutating func end() -> Compressed? {
        if text.isEmpty { return nil }
        let bytes = deflater.block(text)
        let block = GzipBlock(
            lines: lines, textBytes: text.count, gzipBytes: bytes.count, crc32: GzipMember.crc32(of: text),
            hash: ContentHash(of: bytes))
        text.removeAll(keepingCapacity: true)
        lines = 0
        return Compressed(block: block, bytes: bytes)
    }
}
