internal import ArchiveIndex
package import Webhooks

/// The environment and the days of the events in one table.
package struct TablePeriod: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let environment: Environment
    package let granularity: TableGranularity
    package let days: ClosedRange<CivilDate>

    /// Creates the period that contains a day.
    package init(_ environment: Environment, around day: CivilDate, _ granularity: TableGranularity) {
        self.environment = environment
        self.granularity = granularity
        switch granularity {
        case .day: days = day...day
        case .month:
            let (year, month, _) = day.fields
            let all = (1...31).compactMap { CivilDate(year: year, month: month, day: $0) }
            days = (all.first ?? day)...(all.last ?? day)
        }
    }

    /// Parses the name of a file. Returns `nil` for a name that ``fileName`` never returns.
    package init?(fileName: String) {
        guard let environment = Environment.allCases.first(where: { fileName.hasPrefix("\($0)-") }),
            fileName.hasSuffix(Self.suffix)
        else { return nil }
        let name = fileName.dropFirst(environment.rawValue.count + 1).dropLast(Self.suffix.count)
        let isMonth = name.utf8.count == 7
        guard let day = CivilDate(isMonth ? "\(name)-01" : name) else { return nil }
        self.init(environment, around: day, isMonth ? .month : .day)
    }

    private static let suffix = ".parquet"

    /// `<environment>-<YYYY-MM>.parquet`, or `<environment>-<YYYY-MM-DD>.parquet`.
    ///
    /// The name contains no `=`, since engines would take that for a partition column beside the column in the file.
    package var fileName: String { "\(self)\(Self.suffix)" }

    package var description: String {
        let first = days.lowerBound.description
        return "\(environment)-\(granularity == .month ? String(first.dropLast(3)) : first)"
    }

    var selection: Selection { Selection(environment: environment, from: days.lowerBound, to: days.upperBound) }

    package static func < (a: Self, b: Self) -> Bool {
        (a.environment, a.days.lowerBound) < (b.environment, b.days.lowerBound)
    }
}
