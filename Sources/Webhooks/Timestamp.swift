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
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let date = CivilDate(utf8: UnsafeRawBufferPointer(rebasing: bytes[..<CivilDate.textCount])),
            let hour = bytes.decimal(11..<13), let minute = bytes.decimal(14..<16),
            let second = bytes.decimal(17..<19), let fraction = bytes.decimal(20..<23),
            hour < 24, minute < 60, second < 60
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
