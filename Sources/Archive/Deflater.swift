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

/// A block of an archive, as it stands in the file.
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
}

/// Compresses blocks, one after another, none referring to another. Not for use from two threads at once.
package final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>

    package init() {
        // zlib keeps a pointer back to the stream, so it must never move.
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Raw deflate (negative window bits): header and end are ours.
        let status = deflateInit2_(
            stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot start: \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The deflate bytes of `text`, ended by a full flush.
    package func block(_ text: [UInt8]) -> [UInt8] {
        deflateReset(stream)
        // deflateBound counts no flush: 4 bytes of marker, and the bits before it.
        let capacity = Int(deflateBound(stream, uLong(text.count))) + 16
        return [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
            text.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = uInt(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = uInt(output.count)
                let status = deflate(stream, Z_FULL_FLUSH)
                precondition(status == Z_OK && stream.pointee.avail_out > 0, "zlib gave up: \(status)")
                count = output.count - Int(stream.pointee.avail_out)
            }
        }
    }
}
