package import Archive
package import DurableFiles
package import Webhooks

/// What one sweep did.
package struct SweepReport: Sendable {
    /// The record of what was committed, or `nil` if there was nothing to keep.
    package let record: SweepRecord?
    /// The interrupted sweep that was completed first, or `nil`.
    package let recovered: SweepRecord?
    /// The time that each step took.
    package let steps: [Sweep.Step: Duration]
    /// The number of entries in the spool at the end.
    package let pending: Int
    package let sealed: [Seal]
    /// The damaged files because of which deliveries stay in the spool, or days are not sealed.
    package let blocked: [BlockedFile]
    /// Why entries could not be read. They are still in the spool.
    package let unreadable: [FileError]
    /// A sentence about each file or folder in `new/` that is not an entry. The sweep leaves them alone.
    package let odd: [String]
    package let rebuiltIndex: Bool

    /// The report as `sweep --json` prints it.
    package struct Summary: Encodable {
        package var sweep: Int?
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
            case sweep, seconds, steps, received, archived, redelivered, quarantined, pending, bytes, compressed, days
            case blocked, recovered
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            // null, not absent, so that every report has the same members.
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
            try container.encode(blocked, forKey: .blocked)
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
        summary.blocked = blocked
        summary.recovered = recovered.map { .init(Summary($0)) }
        return summary
    }
}
