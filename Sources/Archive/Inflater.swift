internal import CZlib

/// Inflates blocks, each alone. Not for use from two threads at once.
package final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// How many blocks were inflated so far: shows that a look-up reads one, and not the file.
    package private(set) var blocks = 0
    /// Where a block of unknown length is inflated into, kept for the next: it grows with the largest, since most are
    /// small.
    var room = [UInt8](repeating: 0, count: 1 << 16)

    /// A block's text is at most this, in bytes: well over the largest line that a sweep writes.
    static let textLimit = 128 << 20

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, -15, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot start: \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The text of a block whose compressed bytes and length are known; nil where it is no such block.
    package func block(_ bytes: [UInt8], textBytes: Int) -> [UInt8]? {
        begin()
        guard (0...Self.textLimit).contains(textBytes) else { return nil }
        var text = [UInt8](repeating: 0, count: textBytes + 1)
        let step = advance(bytes[...], into: &text, at: 0, untilBoundary: false)
        guard step.consumed == bytes.count, step.produced == textBytes, step.status != .broken else { return nil }
        text.removeLast()
        return text
    }

    enum Status: Equatable {
        case more, end, broken
        /// Of two deflate blocks; the next one begins with a byte, or within one.
        case boundary(isAligned: Bool)
    }

    /// Starts a block that refers to nothing before it.
    func begin() {
        inflateReset(stream)
        blocks += 1
    }

    /// Inflates from `input` into `text` from `start` on, up to the end of a deflate block if so asked.
    func advance(
        _ input: ArraySlice<UInt8>, into text: inout [UInt8], at start: Int, untilBoundary: Bool
    ) -> (consumed: Int, produced: Int, status: Status) {
        input.withUnsafeBufferPointer { input in
            text.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = uInt(input.count)
                stream.pointee.next_out = output.baseAddress.map { $0 + start }
                stream.pointee.avail_out = uInt(output.count - start)
                let result = inflate(stream, untilBoundary ? Z_BLOCK : Z_SYNC_FLUSH)
                let consumed = input.count - Int(stream.pointee.avail_in)
                let produced = output.count - start - Int(stream.pointee.avail_out)
                // 128: a deflate block has ended. 64: it is the last. Below that: how many bits of a byte are left.
                let place = stream.pointee.data_type
                let status: Status =
                    switch result {
                    case Z_STREAM_END: .end
                    case Z_OK, Z_BUF_ERROR:
                        place & 128 == 0 ? .more : place & 64 != 0 ? .end : .boundary(isAligned: place & 63 == 0)
                    default: .broken
                    }
                return (consumed, produced, status)
            }
        }
    }
}
