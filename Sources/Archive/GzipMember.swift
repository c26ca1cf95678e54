internal import CZlib
package import Webhooks

// An archive's bytes. One gzip member (RFC 1952), which every reader of gzip reads to its end:
//
//     1f 8b 08 00  00 00 00 00  00 ff      header: deflate, no flags, no time, no extra flags, system unknown
//     block, block, …                      each: deflate of whole lines, ended by a full flush (00 00 ff ff)
//     03 00                                an empty last deflate block
//     CRC-32, length                       of all text, 4 bytes each, little-endian
//
// A block is a function of its text alone: the compressor starts anew for each, and after a full flush no block refers
// to another. So blocks can be made on any thread in any order, one can be inflated without the rest, and equal
// text in equal blocks is equal bytes. A block ends before the line that would take it over `blockTextLimit`; a longer
// line is a block alone.
//
// To append, the ten last bytes are dropped, blocks added, and ten new ones computed (crc32_combine). So each
// earlier state of a file is a prefix of it, and ten bytes that its text's CRC-32 and length give.
package enum GzipMember {
    package static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
    package static let endCount = 10
    /// What a full flush ends with: the length of a stored block that holds nothing, and its complement.
    static let flushEnd: UInt32 = 0x0000_ffff
    /// In bytes.
    package static let blockTextLimit = 256 * 1024

    /// The last ten bytes of a member that holds `textBytes` of text.
    package static func end(crc32: UInt32, textBytes: Int) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: textBytes)
        return [3, 0] + [crc32, length].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    /// CRC-32 (RFC 1952, section 8).
    package static func crc32(of bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: bytes.withUnsafeBufferPointer { CZlib.crc32_z(0, $0.baseAddress, $0.count) })
    }

    /// The CRC-32 of two texts, one after the other.
    package static func combine(_ first: UInt32, _ second: UInt32, secondCount: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_combine(uLong(first), uLong(second), secondCount))
    }
}

/// A block of an archive, as it is in the file.
package struct GzipBlock: Hashable, Sendable {
    package var lines: Int
    /// In bytes.
    package var textBytes: Int
    /// In bytes.
    package var gzipBytes: Int
    /// Of the text.
    package var crc32: UInt32
    /// Of the compressed bytes.
    package var hash: ContentHash

    package init(lines: Int, textBytes: Int, gzipBytes: Int, crc32: UInt32, hash: ContentHash) {
        self.lines = lines
        self.textBytes = textBytes
        self.gzipBytes = gzipBytes
        self.crc32 = crc32
        self.hash = hash
    }
}
