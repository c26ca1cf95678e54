internal import CZlib

/// Inflates single blocks. It must not be used by two threads at once.
package final class Inflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// The number of blocks inflated so far, by which a test can see that a look-up reads only one.
    package private(set) var blocks = 0
    /// The buffer for a block of unknown length. It is kept for the next block and grows to the largest, since
    /// most are small.
    var room = [UInt8](repeating: 0, count: 1 << 16)

    /// The maximum size of a block's text in bytes, well above the largest line that a sweep writes.
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

    /// Returns the text of a block whose compressed bytes and length are known, or `nil` if they are not a valid
    /// block.
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

    /// Starts a block, which refers to nothing before it.
    func begin() {
        inflateReset(stream)
        blocks += 1
    }

    /// Inflates from `input` into `text` starting at `start`, on request only up to the end of a deflate block.
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
                // 128: a deflate block has ended. 64: it is the last. The rest: the number of unused
                // bits of the last byte.
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
