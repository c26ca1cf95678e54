/// A time in the format of RFC 3339 (section 5.6), to the microsecond.
package struct InternetTime: Sendable {
    /// The time since 1970-01-01T00:00:00Z.
    package let microseconds: Int64

    /// Parses a text such as `2026-11-23T21:14:48Z` or `2026-11-23T22:14:48.704+01:00`.
    ///
    /// Returns `nil` for any other form, for a time without an offset from UTC, for a leap second, and for a fraction that is
    /// not a whole number of microseconds.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let time = text.withUTF8({ InternetTime(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = time
    }

    private init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 20, Self.isLetter(bytes[10], "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let date = CivilDate(utf8: UnsafeRawBufferPointer(rebasing: bytes[..<CivilDate.textCount])),
            let hour = bytes.decimal(11..<13), let minute = bytes.decimal(14..<16),
            let second = bytes.decimal(17..<19), hour < 24, minute < 60, second < 60
        else { return nil }
        var (end, fraction) = (19, 0)
        if bytes[19] == UInt8(ascii: ".") {
            let digits = bytes[20...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty, digits.dropFirst(6).allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
            for place in 0..<6 {
                let digit = place < digits.count ? digits[digits.startIndex + place] - UInt8(ascii: "0") : 0
                fraction = fraction * 10 + Int(digit)
            }
            end = digits.endIndex
        }
        guard let offset = Self.offset(UnsafeRawBufferPointer(rebasing: bytes[end...])) else { return nil }
        let minutes = (date.daysSinceEpoch * 24 + hour) * 60 + minute - offset
        microseconds = Int64((minutes * 60 + second) * 1_000_000 + fraction)
    }

    /// Returns an offset from UTC in minutes.
    private static func offset(_ text: UnsafeRawBufferPointer) -> Int? {
        if text.count == 1, isLetter(text[0], "Z") { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"), let hours = text.decimal(1..<3),
            let minutes = text.decimal(4..<6), hours < 24, minutes < 60
        else { return nil }
        switch text[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    /// Whether a byte is a letter, which may be small.
    private static func isLetter(_ byte: UInt8, _ letter: Unicode.Scalar) -> Bool {
        byte == UInt8(ascii: letter) || byte == UInt8(ascii: letter) | 0x20
    }
}
