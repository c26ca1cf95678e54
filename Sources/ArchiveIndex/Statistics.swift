package import Archive
package import Webhooks

/// The number of events by day, type, and business.
package struct Statistics: Encodable, Sendable {
    package struct Day: Encodable, Sendable {
        package var environment: Environment
        package var day: String
        package var counts: Counts

        enum CodingKeys: String, CodingKey {
            case environment, day, received, archived, redelivered, quarantined, released, discarded, bytes
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(environment, forKey: .environment)
            try container.encode(day, forKey: .day)
            try container.encode(counts.received, forKey: .received)
            try container.encode(counts.archived, forKey: .archived)
            try container.encode(counts.redelivered, forKey: .redelivered)
            try container.encode(counts.quarantined, forKey: .quarantined)
            try container.encode(counts.released, forKey: .released)
            try container.encode(counts.discarded, forKey: .discarded)
            try container.encode(counts.bytes, forKey: .bytes)
        }
    }

    package struct TypeCount: Encodable, Sendable {
        package var environment: Environment
        package var type: String
        package var events: Int
    }

    package struct BusinessSum: Encodable, Sendable {
        package var environment: Environment
        /// The business, or `nil` for unassigned events.
        package var business: String?
        package var events: Int
        package var redeliveries: Int
        package var firstDay: String
        package var lastDay: String
        /// The size of all archive files of the business, or `nil` if only some events of them are counted.
        package var gzipBytes: Int?

        enum CodingKeys: String, CodingKey {
            case environment, business, events, redeliveries
            case firstDay = "first_day"
            case lastDay = "last_day"
            case gzipBytes = "gzip_bytes"
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(environment, forKey: .environment)
            try container.encode(business, forKey: .business)
            try container.encode(events, forKey: .events)
            try container.encode(redeliveries, forKey: .redeliveries)
            try container.encode(firstDay, forKey: .firstDay)
            try container.encode(lastDay, forKey: .lastDay)
            try container.encode(gzipBytes, forKey: .gzipBytes)
        }
    }

    /// The counts by day of receipt, as the scans recorded them. For chosen businesses: their events by the day of
    /// first receipt, and redeliveries by the day of their receipt.
    package var days: [Day] = []
    package var types: [TypeCount] = []
    package var businesses: [BusinessSum] = []
}
