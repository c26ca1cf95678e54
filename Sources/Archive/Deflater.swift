internal import CZlib

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
