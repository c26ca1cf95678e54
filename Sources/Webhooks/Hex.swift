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

    /// nil where a character is no lower-case hex digit, or their number is odd.
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

    /// The value of `count` digits from `start` on, 16 at most; nil where one is no lower-case hex digit.
    static func word(_ text: UnsafeRawBufferPointer, at start: Int, count: Int) -> UInt64? {
        var word: UInt64 = 0
        for place in start..<(start + count) {
            guard let value = value(text[place]) else { return nil }
            word = word << 4 | UInt64(value)
        }
        return word
    }

    /// Of a value from 0 to 15.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// nil for anything but a lower-case hex digit.
    @inline(__always)
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// nil for anything but a hex digit, of either case.
    static func valueOfEitherCase(_ digit: UInt8) -> UInt8? {
        value((UInt8(ascii: "A")...UInt8(ascii: "F")).contains(digit) ? digit | 0x20 : digit)
    }
}
