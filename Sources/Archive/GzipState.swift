package import Webhooks

/// The contents of a compressed file at one moment of its growth.
package struct GzipState: Hashable, Sendable {
    package var lines = 0
    /// The size of the text, in bytes.
    package var textBytes = 0
    /// The compressed size in bytes, including header and trailer.
    package var gzipBytes = 0
    /// The CRC-32 of the text.
    package var crc32: UInt32 = 0
    /// The SHA-256 of the whole compressed file.
    package var hash: ContentHash

    package init(lines: Int = 0, textBytes: Int = 0, gzipBytes: Int, crc32: UInt32 = 0, hash: ContentHash) {
        self.lines = lines
        self.textBytes = textBytes
        self.gzipBytes = gzipBytes
        self.crc32 = crc32
        self.hash = hash
    }
}
