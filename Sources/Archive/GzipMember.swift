internal import CZlib

// The bytes of a compressed file: one gzip member (RFC 1952), which every reader of gzip reads to its end.
//
//     1f 8b 08 00  00 00 00 00  00 ff      header: deflate, no flags, no time, no extra flags, system unknown
//     block, block, …                      each: deflate of whole lines, ended by a full flush (00 00 ff ff)
//     03 00                                an empty last deflate block
//     CRC-32, length                       of all text, 4 bytes each, little-endian
//
// A block depends only on its text: the compressor is reset for each, and after a full flush no block refers to
// another. So blocks can be compressed on any thread in any order, each can be inflated alone, and equal text in
// equal blocks is equal bytes. A block ends before the line that would exceed `blockTextLimit`; a longer line is a
// block by itself.
//
// To append, the last ten bytes are dropped, blocks are added, and the new last ten bytes are computed
// (crc32_combine). So each earlier state of a file is a prefix of it, followed by ten bytes that depend on the text's
// CRC-32 and length.
package enum GzipMember {
    package static let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
    package static let endCount = 10
    /// The last bytes of a full flush: the length of an empty stored block, and its complement.
    static let flush: [UInt8] = [0, 0, 0xff, 0xff]
    /// The same, as a number.
    static let flushEnd: UInt32 = 0x0000_ffff
    /// The size in bytes.
    package static let blockTextLimit = 256 * 1024

    /// Returns the last ten bytes of a member with `textBytes` of text.
    package static func end(crc32: UInt32, textBytes: Int) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: textBytes)
        return [3, 0] + [crc32, length].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    /// Returns the CRC-32 (RFC 1952, section 8).
    package static func crc32(of bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: bytes.withUnsafeBufferPointer { CZlib.crc32_z(0, $0.baseAddress, $0.count) })
    }

    /// Returns the CRC-32 of two texts, one after the other.
    package static func combine(_ first: UInt32, _ second: UInt32, secondCount: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_combine(uLong(first), uLong(second), secondCount))
    }
}
