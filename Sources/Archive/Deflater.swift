internal import CZlib

/// Compresses blocks, none of which refers to another. It must not be used by two threads at once.
package final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>

    package init() {
        // zlib keeps a pointer back to the stream, so it must never move.
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Raw deflate (negative window bits): the gzip header and trailer are written by ``GzipMember``.
        let status = deflateInit2_(
            stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot start: \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Returns the deflate bytes of `text`, which end with a full flush.
    package func block(_ text: [UInt8]) -> [UInt8] {
        deflateReset(stream)
        // deflateBound does not include the flush: a marker of 4 bytes, and the bits before it.
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
