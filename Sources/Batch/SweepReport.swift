package import Archive
package import Webhooks

/// What one sweep did.
package struct SweepReport: Sendable {
    /// The records of what was committed: one, several if the spool was large, or none if there was nothing to keep.
    package let records: [SweepRecord]
    /// The interrupted sweep that was completed first, or `nil`.
    package let recovered: SweepRecord?
    /// The time that each step took.
    package let steps: [Sweep.Step: Duration]
    /// The number of entries in the spool at the end.
    package let pending: Int
    package let sealed: [Seal]
    /// The damaged files because of which deliveries stay in the spool, or days are not sealed.
    package let blocked: [BlockedFile]
    package let unreadable: UnreadableEntries
    /// A sentence about each file or folder in `new/` that is not an entry. The sweep leaves them alone.
    package let odd: [String]
    package let rebuiltIndex: Bool

    /// The report as `sweep --json` prints it.
    package struct Summary: Encodable {
        /// The number of the last commit.
        package var sweep: Int?
        /// The number of commits, which are sweeps of consecutive numbers.
        package var commits: Int
        package var seconds: Double?
        /// The seconds that each step took, which add up to ``seconds``.
        package var steps: [String: Double]?
        package var received: Int
        package var archived: Int
        package var redelivered: Int
        package var quarantined: Int
        package var pending: Int?
        /// The size of the received payloads, in bytes.
        package var bytes: Int
        /// How much the compressed files grew, in bytes.
        package var compressed: Int
        package var days: [Day]
        package var blocked: [BlockedFile] = []
        package var recovered: Recovered?

        package struct Day: Encodable {
            package var environment: Environment
            package var day: String
            package var received: Int
            package var archived: Int
            package var redelivered: Int
            package var quarantined: Int
            package var bytes: Int
        }

        /// A box around a summary, since a struct cannot contain itself.
        package final class Recovered: Encodable {
            private let summary: Summary
            init(_ summary: Summary) { self.summary = summary }
            package func encode(to encoder: any Encoder) throws { try summary.encode(to: encoder) }
        }

        enum CodingKeys: String, CodingKey {
            case sweep, commits, seconds, steps, received, archived, redelivered, quarantined, pending, bytes,
                compressed, days
            case blocked, recovered
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            // null, not absent, so that every report has the same members.
            try container.encode(sweep, forKey: .sweep)
            try container.encode(commits, forKey: .commits)
            try container.encode(seconds, forKey: .seconds)
            try container.encode(steps, forKey: .steps)
            try container.encode(received, forKey: .received)
            try container.encode(archived, forKey: .archived)
            try container.encode(redelivered, forKey: .redelivered)
            try container.encode(quarantined, forKey: .quarantined)
            try container.encode(pending, forKey: .pending)
            try container.encode(bytes, forKey: .bytes)
            try container.encode(compressed, forKey: .compressed)
            try container.encode(days, forKey: .days)
            try container.encode(blocked, forKey: .blocked)
            try container.encode(recovered, forKey: .recovered)
        }

        init(_ records: [SweepRecord]) {
            let total = records.total
            sweep = records.last?.sweep
            commits = records.count
            received = total.received
            archived = total.archived
            redelivered = total.redelivered
            quarantined = total.quarantined
            bytes = total.bytes
            compressed = records.reduce(0) { $0 + $1.compressed }
            days = Self.sums(records.flatMap(\.days)).map { day in
                Day(
                    environment: day.environment, day: day.day, received: day.counts.received,
                    archived: day.counts.archived, redelivered: day.counts.redelivered,
                    quarantined: day.counts.quarantined, bytes: day.counts.bytes)
            }
        }

        /// Returns the sums by environment and day, in that order.
        private static func sums(_ days: [SweepRecord.DayCounts]) -> [SweepRecord.DayCounts] {
            var sums: [SweepRecord.DayCounts] = []
            for day in days.sorted(by: { ($0.environment, $0.day) < ($1.environment, $1.day) }) {
                if let last = sums.last, (last.environment, last.day) == (day.environment, day.day) {
                    sums[sums.count - 1].counts += day.counts
                } else {
                    sums.append(day)
                }
            }
            return sums
        }
    }

    /// The sums over all commits.
    package var total: Counts { records.total }

    package var summary: Summary {
        var summary = Summary(records)
        func decimal(_ duration: Duration) -> Double {
            let (seconds, attoseconds) = duration.components
            return Double(seconds * 1000 + attoseconds / 1_000_000_000_000_000) / 1000
        }
        summary.seconds = decimal(steps.values.reduce(.zero, +))
        summary.steps = Dictionary(uniqueKeysWithValues: steps.map { ($0.rawValue, decimal($1)) })
        summary.pending = pending
        summary.blocked = blocked
        summary.recovered = recovered.map { .init(Summary([$0])) }
        return summary
    }
}

extension [SweepRecord] {
    fileprivate var total: Counts { reduce(into: Counts()) { $0 += $1.total } }
}
