internal import Crypto

/// The SHA-256 (FIPS 180-4) of some bytes.
package struct ContentHash: Hashable, Sendable, Comparable, CustomStringConvertible {
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 bytes, as they stand in a database row; nil for any other number.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// 32 bytes, as they stand in a database row; nil for any other number.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        words = Self.words(bytes)
    }

    /// 64 lower-case hex digits, as `sha256sum` prints them; nil for anything else.
    package init?(hex: some StringProtocol) {
        var text = String(hex)
        guard let hash = text.withUTF8({ ContentHash(hex: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = hash
    }

    /// 64 lower-case hex digits in ASCII; nil for anything else.
    package init?(hex: UnsafeRawBufferPointer) {
        guard hex.count == Self.textCount, let first = Hex.word(hex, at: 0, count: 16),
            let second = Hex.word(hex, at: 16, count: 16), let third = Hex.word(hex, at: 32, count: 16),
            let fourth = Hex.word(hex, at: 48, count: 16)
        else { return nil }
        words = (first, second, third, fourth)
    }

    /// The hash of these bytes.
    package init(of bytes: UnsafeRawBufferPointer) {
        var running = RunningHash()
        running.add(bytes)
        self = running.value
    }

    /// The hash of these bytes.
    package init(of bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { ContentHash(of: $0) }
    }

    fileprivate init(_ digest: SHA256.Digest) {
        words = digest.withUnsafeBytes(Self.words)
    }

    /// Of 32 bytes.
    private static func words(_ raw: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64) {
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        return (word(0), word(1), word(2), word(3))
    }

    /// Calls `body` with the 32 bytes.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let bytes = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return try withUnsafeBytes(of: bytes, body)
    }

    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// The first 4 bytes.
    package var prefix: UInt32 { UInt32(words.0 >> 32) }

    /// In characters, each of one byte.
    package static let textCount = 64

    /// Writes the 64 hex digits of the hash.
    package func write(to text: UnsafeMutableBufferPointer<UInt8>) {
        withBytes { bytes in
            for (place, byte) in bytes.enumerated() {
                text[2 * place] = Hex.digit(byte >> 4)
                text[2 * place + 1] = Hex.digit(byte & 15)
            }
        }
    }

    /// 64 lower-case hex digits.
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

/// A SHA-256 that is fed piece by piece.
package struct RunningHash: Sendable {
    private var state = SHA256()

    package init() {}
    package mutating func add(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }
    package mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { state.update(bufferPointer: $0) } }
    package mutating func add(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { state.update(bufferPointer: $0) } }

    /// The hash of all that was added so far; more may be added after.
    package var value: ContentHash { ContentHash(state.finalize()) }
}
