internal import Crypto

/// A SHA-256 (FIPS 180-4).
package struct ContentHash: Hashable, Sendable, Comparable, CustomStringConvertible {
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// Creates a hash from its 32 bytes, as in a database row. Returns `nil` for any other number of bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// Creates a hash from its 32 bytes, as in a database row. Returns `nil` for any other number of bytes.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        words = Self.words(bytes)
    }

    /// Parses 64 lower-case hex digits, as `sha256sum` prints them. Returns `nil` for any other text.
    package init?(hex: some StringProtocol) {
        var text = String(hex)
        guard let hash = text.withUTF8({ ContentHash(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = hash
    }

    /// Parses 64 lower-case hex digits in ASCII. Returns `nil` for any other bytes.
    package init?(hex: UnsafeRawBufferPointer) {
        guard hex.count == Self.textCount, let first = Hex.word(hex, at: 0, count: 16),
            let second = Hex.word(hex, at: 16, count: 16), let third = Hex.word(hex, at: 32, count: 16),
            let fourth = Hex.word(hex, at: 48, count: 16)
        else { return nil }
        words = (first, second, third, fourth)
    }

    /// Computes the hash of some bytes.
    package init(of bytes: UnsafeRawBufferPointer) {
        var running = RunningHash()
        running.add(bytes)
        self = running.value
    }

    /// Computes the hash of some bytes.
    package init(of bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { ContentHash(of: $0) }
    }

    init(_ digest: SHA256.Digest) {
        words = digest.withUnsafeBytes(Self.words)
    }

    /// Returns 32 bytes as four big-endian words.
    private static func words(_ raw: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64) {
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        return (word(0), word(1), word(2), word(3))
    }

    /// Calls `body` with the 32 bytes of the hash.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let bytes = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return try withUnsafeBytes(of: bytes, body)
    }

    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// The first 4 bytes, as a big-endian number.
    package var prefix: UInt32 { UInt32(words.0 >> 32) }

    /// The length of the hash in hex digits, each of one byte.
    package static let textCount = 64

    /// Writes the 64 hex digits of the hash.
    package func write(to text: UnsafeMutableBufferPointer<UInt8>) {
        withBytes { bytes in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = Hex.digit(byte >> 4)
                text[2 * index + 1] = Hex.digit(byte & 15)
            }
        }
    }

    /// The hash as 64 lower-case hex digits.
    package var description: String {
        String(unsafeUninitializedCapacity: Self.textCount) { text in
            write(to: text)
            return Self.textCount
        }
    }

    package static func == (a: Self, b: Self) -> Bool { a.words == b.words }
    package static func < (a: Self, b: Self) -> Bool { a.words < b.words }
    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
