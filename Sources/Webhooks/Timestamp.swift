/// A moment, in whole milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// RFC 3339 in UTC with three decimals, as `2026-11-23T21:14:48.704Z`; nil for any other form.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let time = text.withUTF8({ Timestamp(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = time
    }

    /// RFC 3339 in UTC with three decimals; nil for any other form.
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 24, bytes[19] == UInt8(ascii: "."), bytes[23] == UInt8(ascii: "Z"),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let fraction = number(20..<23), hour < 24, minute < 60, second < 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let seconds = (date.daysSinceEpoch * 24 + hour) * 3600 + minute * 60 + second
        milliseconds = Int64(seconds * 1000 + fraction)
    }

    /// RFC 3339 in UTC with three decimals.
    package var description: String {
        let second = milliseconds.floored(by: 1000)
        let day = second.floored(by: 86_400)
        let inDay = Int(second - day * 86_400)
        // Of 24 characters, or a few more in years that no receipt is of.
        return String(unsafeUninitializedCapacity: 32) { text in
            var digits = Digits(text)
            digits.add(CivilDate(daysSinceEpoch: Int(day)))
            digits.add("T")
            digits.add(inDay / 3600, 2)
            digits.add(":")
            digits.add(inDay / 60 % 60, 2)
            digits.add(":")
            digits.add(inDay % 60, 2)
            digits.add(".")
            digits.add(Int(milliseconds - second * 1000), 3)
            digits.add("Z")
            return digits.count
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
}

/// A date of the proleptic Gregorian calendar, years 0000 to 9999; written `2026-11-23` (RFC 3339, full-date).
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    package let daysSinceEpoch: Int

    package init(daysSinceEpoch: Int) { self.daysSinceEpoch = daysSinceEpoch }

    /// nil where the calendar has no such date.
    package init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        // Counted from March, so that the leap day comes last.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSinceEpoch = era * 146_097 + dayOfEra - 719_468
        guard fields == (year, month, day) else { return nil }
    }

    /// `YYYY-MM-DD`; nil for any other form, and where the calendar has no such date.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    package var fields: (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    package var description: String {
        String(unsafeUninitializedCapacity: 24) { text in
            var digits = Digits(text)
            digits.add(self)
            return digits.count
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.daysSinceEpoch < b.daysSinceEpoch }
}

extension FixedWidthInteger {
    /// Division that rounds towards negative infinity.
    package func floored(by divisor: Self) -> Self {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// Puts dates and times together, in memory that is there already: a sweep writes one for each line.
private struct Digits {
    private let text: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ text: UnsafeMutableBufferPointer<UInt8>) { self.text = text }

    mutating func add(_ separator: Unicode.Scalar) {
        text[count] = UInt8(ascii: separator)
        count += 1
    }

    /// A number, with zeros before it up to the width; a negative one has its sign before all.
    mutating func add(_ value: Int, _ width: Int) {
        if value < 0 { add("-") }
        var rest = value.magnitude
        var width = width
        while width < 20, rest >= Self.power(width) { width += 1 }
        count += width
        for place in 1...width {
            text[count - place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    mutating func add(_ date: CivilDate) {
        let (year, month, day) = date.fields
        add(year, 4)
        add("-")
        add(month, 2)
        add("-")
        add(day, 2)
    }

    private static func power(_ exponent: Int) -> UInt { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}
