internal import Archive
internal import GRDB
internal import Webhooks

/// Adds up the groups of a query into ``Statistics``.
struct StatisticsSums {
    private struct Key: Hashable, Comparable {
        let environment: Environment
        /// A day, a type, or a business.
        let name: String?

        static func < (a: Self, b: Self) -> Bool { (a.environment, a.name ?? "") < (b.environment, b.name ?? "") }
    }

    private struct Sum {
        var events = 0
        var redeliveries = 0
        var bytes = 0
        var firstDay: String
        var lastDay: String

        mutating func add(_ group: Row, _ day: String) {
            events += group["events"] as Int
            redeliveries += group["redeliveries"] as Int
            bytes += group["bytes"] as Int
            firstDay = min(firstDay, day)
            lastDay = max(lastDay, day)
        }
    }

    private var days: [Key: Sum] = [:]
    private var types: [Key: Sum] = [:]
    private var businesses: [Key: Sum] = [:]

    /// - Parameter group: The sums of one environment, business, day and type.
    mutating func add(_ group: Row) {
        guard let environment = Environment(rawValue: group["environment"]) else { return }
        let day: String = group["day"]
        let none = Sum(firstDay: day, lastDay: day)
        days[Key(environment: environment, name: day), default: none].add(group, day)
        types[Key(environment: environment, name: group["type"]), default: none].add(group, day)
        businesses[Key(environment: environment, name: group["business"]), default: none].add(group, day)
    }

    var statistics: Statistics {
        var statistics = Statistics()
        statistics.days = days.sorted { $0.key < $1.key }.map { key, sum in
            var counts = Counts()
            counts.received = sum.events + sum.redeliveries
            counts.archived = sum.events
            counts.redelivered = sum.redeliveries
            counts.bytes = sum.bytes
            return .init(environment: key.environment, day: sum.firstDay, counts: counts)
        }
        statistics.types = Self.largestFirst(types).map { key, sum in
            .init(environment: key.environment, type: key.name ?? "", events: sum.events)
        }
        statistics.businesses = Self.largestFirst(businesses).map { key, sum in
            .init(
                environment: key.environment, business: key.name, events: sum.events, redeliveries: sum.redeliveries,
                firstDay: sum.firstDay, lastDay: sum.lastDay, gzipBytes: nil)
        }
        return statistics
    }

    private static func largestFirst(_ sums: [Key: Sum]) -> [(key: Key, value: Sum)] {
        sums.sorted { a, b in
            (a.key.environment, -a.value.events, a.key.name ?? "") < (
                b.key.environment, -b.value.events, b.key.name ?? ""
            )
        }
    }
}
