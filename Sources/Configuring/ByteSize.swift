internal import ArgumentParser

/// A number of bytes, as people write it: `1048576`, `512KiB`, `1MiB`, `2GB`.
package struct ByteSize: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByArgument {
    package let bytes: Int

    package init(bytes: Int) { self.bytes = bytes }
    package static func mebibytes(_ count: Int) -> ByteSize { ByteSize(bytes: count << 20) }

    /// Parses digits and a unit, in upper or lower case: none or B; KiB, MiB, GiB, TiB (powers of 1,024); kB, MB, GB, TB (powers of
    /// 1,000).
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
