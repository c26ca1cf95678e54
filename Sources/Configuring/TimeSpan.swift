internal import ArgumentParser

/// A time span, as people write it: `500ms`, `30s`, `5m`, `36h`, `7d`.
package struct TimeSpan: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByArgument {
    package let milliseconds: Int

    package init(milliseconds: Int) { self.milliseconds = milliseconds }
    package static func seconds(_ count: Int) -> TimeSpan { TimeSpan(milliseconds: count * 1000) }
    package static func days(_ count: Int) -> TimeSpan { seconds(count * 86_400) }

    /// Parses digits and a unit: ms, s (or none), m, h, d.
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
