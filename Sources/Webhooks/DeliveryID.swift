/// The id of a delivery, and of the event that it becomes: a UUID (RFC 9562) in lower case.
///
/// The receiver assigns UUIDs of version 7, which contain the time of receipt and sort by it. A file that another
/// program put in the spool under its own name gets a UUID of version 8, made from a hash: see ``init(hash:)``.
package struct DeliveryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Creates a UUID of version 7, with the 12 bits of `rand_a` as a fraction of the millisecond (RFC 9562, section
    /// 6.2, method 3).
    ///
    /// - Parameters:
    ///   - nanoseconds: The time in nanoseconds since 1970-01-01T00:00:00Z.
    ///   - random: Random bits, of which 62 are used.
    package init(nanoseconds: UInt64, random: UInt64) {
        let fraction = (nanoseconds % 1_000_000) * 4096 / 1_000_000
        high = (nanoseconds / 1_000_000) << 16 | 0x7000 | fraction
        low = 0x8000_0000_0000_0000 | random >> 2
    }

    /// Creates a UUID of version 7 whose other bits are those of a hash, so that it is the same each time.
    ///
    /// - Parameter milliseconds: The time in milliseconds since 1970-01-01T00:00:00Z, at least 0.
    package init(milliseconds: Int64, hash: ContentHash) {
        let (first, second, _, _) = hash.words
        high = UInt64(milliseconds) << 16 | 0x7000 | first & 0xFFF
        low = 0x8000_0000_0000_0000 | second >> 2
    }

    /// Creates a UUID of version 8 from the first 16 bytes of a hash.
    package init(hash: ContentHash) {
        let bytes = hash.bytes
        func word(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        high = word(0..<8) & ~0xF000 | 0x8000
        low = word(8..<16) & ~(0b11 << 62) | 0b10 << 62
    }

    /// Parses the 36 lower-case characters of a UUID of any version. Returns `nil` for any other text.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let id = text.withUTF8({ DeliveryID(utf8: $0) }) else { return nil }
        self = id
    }

    /// Parses the 36 lower-case characters of a UUID of any version. Returns `nil` for any other bytes.
    ///
    /// A sweep parses one for each name in the spool, so this makes no strings.
    package init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard text.count == Self.textCount else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var position = 0
        for byte in text {
            switch position {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
            default:
                guard let digit = Hex.value(byte) else { return nil }
                // The digit shifted out of the second word is shifted into the first.
                words.0 = words.0 << 4 | words.1 >> 60
                words.1 = words.1 << 4 | UInt64(digit)
            }
            position += 1
        }
        (high, low) = words
    }

    /// The version of the UUID, from 0 to 15.
    package var version: Int { Int(high >> 12 & 15) }

    /// The time of receipt, or `nil` unless the UUID has version 7 and variant 10.
    package var time: Timestamp? {
        version == 7 && low >> 62 == 0b10 ? Timestamp(milliseconds: Int64(high >> 16)) : nil
    }

    /// The length of the id in characters, each of one byte.
    package static let textCount = 36

    /// Writes the 36 characters of the id.
    package func write(to text: UnsafeMutableBufferPointer<UInt8>) {
        var position = 0
        func add(_ word: UInt64, _ digits: Range<Int>) {
            for digit in digits {
                text[position] = Hex.digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * digit)) & 15)
                position += 1
            }
        }
        func addDash() {
            text[position] = UInt8(ascii: "-")
            position += 1
        }
        add(high, 0..<8)
        addDash()
        add(high, 8..<12)
        addDash()
        add(high, 12..<16)
        addDash()
        add(low, 0..<4)
        addDash()
        add(low, 4..<16)
    }

    package var description: String {
        String(unsafeUninitializedCapacity: Self.textCount) { text in
            write(to: text)
            return Self.textCount
        }
    }

    package static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
