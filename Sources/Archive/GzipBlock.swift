package import Webhooks

/// The facts of a block in a compressed file.
package struct GzipBlock: Hashable, Sendable {
    package var lines: Int
    /// The size of the text, in bytes.
    package var textBytes: Int
    /// The compressed size, in bytes.
    package var gzipBytes: Int
    /// The CRC-32 of the text.
    package var crc32: UInt32
    /// The SHA-256 of the compressed bytes.
    package var hash: ContentHash

    package init(lines: Int, textBytes: Int, gzipBytes: Int, crc32: UInt32, hash: ContentHash) {
        self.lines = lines
        self.textBytes = textBytes
        self.gzipBytes = gzipBytes
        self.crc32 = crc32
        self.hash = hash
    }
}
