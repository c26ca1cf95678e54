/// The identity of an event: two deliveries with the same fingerprint are deliveries of one event.
///
/// It depends on the environment and on the sender's own id of the event or, if there is none, on the payload. It
/// consists of the first 16 bytes of a SHA-256 over the environment's name, a zero byte, `id` or `sha256`, a zero byte,
/// and the sender's id in UTF-8 or the payload's SHA-256 in 64 hex digits. An id and a hash can therefore never have
/// the same fingerprint.
package struct Fingerprint: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    package init(environment: Environment, senderID: String) {
        self.init(environment, kind: "id", text: Array(senderID.utf8))
    }

    package init(environment: Environment, payloadHash: ContentHash) {
        let text = [UInt8](unsafeUninitializedCapacity: ContentHash.textCount) { text, count in
            payloadHash.write(to: text)
            count = ContentHash.textCount
        }
        self.init(environment, kind: "sha256", text: text)
    }

    private init(_ environment: Environment, kind: StaticString, text: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 + text.count)
        bytes.append(contentsOf: environment.rawValue.utf8)
        bytes.append(0)
        kind.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(0)
        bytes += text
        (high, low, _, _) = ContentHash(of: bytes).words
    }

    /// Creates a fingerprint from its 16 bytes, as in a database row. Returns `nil` for any other number of bytes.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// Calls `body` with the 16 bytes, most significant first.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    package var bytes: [UInt8] { withBytes { Array($0) } }
}
