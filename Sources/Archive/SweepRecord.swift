package import Webhooks

/// What one sweep did: `_sweeps/<n>.json`, kept for ever.
///
/// A decision on a quarantined delivery is a sweep of its own kind, since it changes a ledger.
package struct SweepRecord: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable { case sweep, release, discard }

    /// From 1 on, without gaps.
    package var sweep: Int
    package var kind: Kind
    /// When it started: RFC 3339, UTC.
    package var started: String
    /// By environment and day of receipt, in that order.
    package var days: [DayCounts]
    /// By path.
    package var files: [FileChange]

    package init(sweep: Int, kind: Kind, started: String, days: [DayCounts], files: [FileChange]) {
        self.sweep = sweep
        self.kind = kind
        self.started = started
        self.days = days
        self.files = files
    }

    package struct DayCounts: Codable, Equatable, Sendable {
        package var environment: Environment
        package var day: String
        package var counts: Counts

        package init(environment: Environment, day: String, counts: Counts = Counts()) {
            self.environment = environment
            self.day = day
            self.counts = counts
        }
    }

    /// A file that grew: each pair is before and after.
    package struct FileChange: Codable, Equatable, Sendable {
        package var path: String
        package var lines: [Int]
        /// In bytes.
        package var text: [Int]
        /// In bytes.
        package var gzip: [Int]
        /// Of the compressed file, after.
        package var sha256: String

        package init(path: String, before: GzipState?, after: GzipState) {
            self.path = path
            lines = [before?.lines ?? 0, after.lines]
            text = [before?.textBytes ?? 0, after.textBytes]
            gzip = [before?.gzipBytes ?? 0, after.gzipBytes]
            sha256 = after.hash.description
        }

        /// The pairs are checked here, once: nobody who asks for a record's lengths need fear for them.
        package init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            func pair(_ key: CodingKeys) throws -> [Int] {
                let pair = try members.decode([Int].self, forKey: key)
                guard pair.count == 2, 0 <= pair[0], pair[0] <= pair[1] else {
                    throw DecodingError.dataCorruptedError(
                        forKey: key, in: members, debugDescription: "it is no length before, and one after")
                }
                return pair
            }
            path = try members.decode(String.self, forKey: .path)
            lines = try pair(.lines)
            text = try pair(.text)
            gzip = try pair(.gzip)
            sha256 = try members.decode(String.self, forKey: .sha256)
        }
    }

    /// Of all days.
    package var total: Counts { days.reduce(into: Counts()) { $0 += $1.counts } }

    /// By how much the compressed files grew, in bytes.
    package var compressed: Int { files.reduce(0) { $0 &+ ($1.gzip[1] - $1.gzip[0]) } }
}

/// How many deliveries came, and what became of them. `received = archived + redelivered + quarantined`.
///
/// Sums wrap around: the numbers of a file that someone has tampered with are to be found wrong, not to stop who checks.
package struct Counts: Codable, Equatable, Sendable {
    /// Counted at the scan. A quarantined delivery that is released is scanned, and so received, once more.
    package var received = 0
    package var archived = 0
    package var redelivered = 0
    package var quarantined = 0
    /// Of those quarantined, by now.
    package var released = 0
    /// Of those quarantined, by now.
    package var discarded = 0
    /// Of the payloads received.
    package var bytes = 0

    package init() {}

    package var areConserved: Bool { received == archived &+ redelivered &+ quarantined }

    package static func += (a: inout Self, b: Self) {
        a.received &+= b.received
        a.archived &+= b.archived
        a.redelivered &+= b.redelivered
        a.quarantined &+= b.quarantined
        a.released &+= b.released
        a.discarded &+= b.discarded
        a.bytes &+= b.bytes
    }
}
