/// A point in time, in whole milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Parses RFC 3339 in UTC with three decimals, for example `2026-11-23T21:14:48.704Z`. Returns `nil` for any other
    /// form.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let time = text.withUTF8({ Timestamp(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = time
    }

    /// Parses RFC 3339 in UTC with three decimals, in ASCII. Returns `nil` for any other form.
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

    /// The time in RFC 3339 format, in UTC with three decimals.
    package var description: String {
        let second = milliseconds.floored(by: 1000)
        let day = second.floored(by: 86_400)
        let inDay = Int(second - day * 86_400)
        // The text has 24 characters, or a few more in years outside 0000 to 9999.
        return String(unsafeUninitializedCapacity: 32) { text in
            var writer = DateWriter(text)
            writer.add(CivilDate(daysSinceEpoch: Int(day)))
            writer.add("T")
            writer.add(inDay / 3600, width: 2)
            writer.add(":")
            writer.add(inDay / 60 % 60, width: 2)
            writer.add(":")
            writer.add(inDay % 60, width: 2)
            writer.add(".")
            writer.add(Int(milliseconds - second * 1000), width: 3)
            writer.add("Z")
            return writer.count
        }
    }

    package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
}
