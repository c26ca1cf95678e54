package import Archive
package import DurableFiles
package import Webhooks

/// What one sweep did, for people and for programs.
package struct SweepReport: Sendable {
    /// nil where there was nothing to keep.
    package let record: SweepRecord?
    /// The interrupted sweep that was finished first.
    package let recovered: SweepRecord?
    /// How long each took.
    package let steps: [Sweep.Step: Duration]
    /// Entries in the spool at the end.
    package let pending: Int
    package let sealed: [Seal]
    /// Entries that stayed because they could not be read.
    package let unreadable: [FileError]
    /// What is no entry, and was left alone: a sentence each.
    package let odd: [String]
    package let rebuiltIndex: Bool

    /// As `sweep --json` prints it.
    package struct Summary: Encodable {
        package var sweep: Int?
        package var seconds: Double?
        /// By step: seconds that add up to those.
        package var steps: [String: Double]?
        package var received: Int
        package var archived: Int
        package var redelivered: Int
        package var quarantined: Int
        package var pending: Int?
        /// Of the payloads.
        package var bytes: Int
        /// Growth of the compressed files.
        package var compressed: Int
        package var days: [Day]
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

        /// A box, since the summary of the sweep that was recovered is of the same form.
        package final class Recovered: Encodable {
            private let summary: Summary
            init(_ summary: Summary) { self.summary = summary }
            package func encode(to encoder: any Encoder) throws { try summary.encode(to: encoder) }
        }

        enum CodingKeys: String, CodingKey {
            case sweep, seconds, steps, received, archived, redelivered, quarantined, pending, bytes, compressed, days
            case recovered
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            // null, not absent, where there is none: the same members at every sweep.
            try container.encode(sweep, forKey: .sweep)
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
            try container.encode(recovered, forKey: .recovered)
        }

        init(_ record: SweepRecord?) {
            let total = record?.total ?? Counts()
            sweep = record?.sweep
            received = total.received
            archived = total.archived
            redelivered = total.redelivered
            quarantined = total.quarantined
            bytes = total.bytes
            compressed = record?.compressed ?? 0
            days = (record?.days ?? []).map { day in
                Day(
                    environment: day.environment, day: day.day, received: day.counts.received,
                    archived: day.counts.archived, redelivered: day.counts.redelivered,
                    quarantined: day.counts.quarantined, bytes: day.counts.bytes)
            }
        }
    }

    package var summary: Summary {
        var summary = Summary(record)
        func decimal(_ duration: Duration) -> Double {
            let (seconds, attoseconds) = duration.components
            return Double(seconds * 1000 + attoseconds / 1_000_000_000_000_000) / 1000
        }
        summary.seconds = decimal(steps.values.reduce(.zero, +))
        summary.steps = Dictionary(uniqueKeysWithValues: steps.map { ($0.rawValue, decimal($1)) })
        summary.pending = pending
        summary.recovered = recovered.map { .init(Summary($0)) }
        return summary
    }
}
