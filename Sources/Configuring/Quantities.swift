internal import ArgumentParser

/// A number of bytes, as people write one: `1048576`, `512KiB`, `1MiB`, `2GB`.
package struct ByteSize: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByArgument {
    package let bytes: Int

    package init(bytes: Int) { self.bytes = bytes }
    package static func mebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 20) }

    /// Digits and a unit in any case: none or B, KiB, MiB, GiB, TiB (of 1024), kB, MB, GB, TB (of 1000).
    package init?(argument: String) {
        guard let (number, unit) = quantity(argument), let factor = Self.units[unit.lowercased()] else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    package var description: String {
        for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        where bytes != 0 && bytes.isMultiple(of: unit) {
            return "\(bytes / unit)\(name)"
        }
        return "\(bytes)"
    }

    package static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }

    static let form = "a number of bytes such as 1048576, 512KiB or 1MiB"

    private static let units = [
        "": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
        "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
    ]
}

/// How long, as people write it: `500ms`, `30s`, `5m`, `36h`, `7d`.
package struct TimeSpan: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByArgument {
    package let milliseconds: Int

    package init(milliseconds: Int) { self.milliseconds = milliseconds }
    package static func seconds(_ count: Int) -> TimeSpan { TimeSpan(milliseconds: count * 1000) }
    package static func days(_ count: Int) -> TimeSpan { seconds(count * 86_400) }

    /// Digits and a unit: ms, s (or none), m, h, d.
    package init?(argument: String) {
        guard let (number, unit) = quantity(argument), let factor = Self.units[unit] else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.milliseconds = milliseconds
    }

    package var duration: Duration { .milliseconds(milliseconds) }

    package var description: String {
        for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
        where milliseconds.isMultiple(of: unit) && (milliseconds != 0 || name == "s") {
            return "\(milliseconds / unit)\(name)"
        }
        return "\(milliseconds)ms"
    }

    package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }

    static let form = "a time such as 500ms, 30s, 5m, 36h or 7d"

    private static let units = ["ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
}

/// ASCII digits and what follows them.
private func quantity(_ text: String) -> (Int, String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    return (number, String(text[digits.endIndex...].trimmingPrefix(" ")))
}
