internal import Archive
internal import Webhooks

/// Counts deliveries by environment and day of receipt.
struct DayTally {
    private struct Key: Hashable {
        let environment: Environment
        let day: CivilDate
    }

    private var counts: [(key: Key, counts: Counts)] = []
    private var indexes: [Key: Int] = [:]
    /// The index of the counts that changed last. Entries come in the order of receipt, so the next is mostly of the same
    /// day.
    private var latest = 0

    mutating func count(_ day: CivilDate, in environment: Environment, _ change: (inout Counts) -> Void) {
        let key = Key(environment: environment, day: day)
        if latest >= counts.count || counts[latest].key != key {
            if let index = indexes[key] {
                latest = index
            } else {
                latest = counts.count
                indexes[key] = latest
                counts.append((key, Counts()))
            }
        }
        change(&counts[latest].counts)
    }

    /// The counts that are not all zero, by environment, then day.
    var days: [SweepRecord.DayCounts] {
        counts.filter { $0.counts != Counts() }
            .sorted { ($0.key.environment, $0.key.day) < ($1.key.environment, $1.key.day) }
            .map {
                SweepRecord.DayCounts(environment: $0.key.environment, day: $0.key.day.description, counts: $0.counts)
            }
    }
}
