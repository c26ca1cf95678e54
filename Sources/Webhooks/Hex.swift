/// Lower-case hexadecimal (RFC 4648, section 8).
package enum Hex {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * bytes.underestimatedCount)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Decodes lower-case hex digits. Returns `nil` for any other character and for an odd number of digits.
    package static func decode(_ digits: some Collection<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = value(digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    /// Returns the value of up to 16 lower-case hex digits from `start` on, or `nil` if one is another character.
    static func word(_ text: UnsafeRawBufferPointer, at start: Int, count: Int) -> UInt64? {
        var word: UInt64 = 0
        for offset in start..<(start + count) {
            guard let value = value(text[offset]) else { return nil }
            word = word << 4 | UInt64(value)
        }
        return word
    }

    /// Returns the digit of a value from 0 to 15.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Returns the value of a lower-case hex digit, or `nil` for any other character.
    @inline(__always)
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// Whether a byte is a lower-case hex digit.
    package static func isDigit(_ byte: UInt8) -> Bool { value(byte) != nil }

    /// Returns the value of a hex digit in either case, or `nil` for any other character.
    static func valueOfEitherCase(_ digit: UInt8) -> UInt8? {
        value((UInt8(ascii: "A")...UInt8(ascii: "F")).contains(digit) ? digit | 0x20 : digit)
    }
}
