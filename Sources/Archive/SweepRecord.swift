package import Webhooks

/// The record of one sweep: `_sweeps/<n>.json`, which is kept for ever.
///
/// A decision on a quarantined delivery is recorded as a sweep of a separate kind, since it changes a ledger.
package struct SweepRecord: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable { case sweep, release, discard }

    /// The number of the sweep, from 1 without gaps.
    package var sweep: Int
    package var kind: Kind
    /// The time at which it started, RFC 3339 in UTC.
    package var started: String
    /// The counts, by environment and day of receipt, in that order.
    package var days: [DayCounts]
    /// The files that grew, by path.
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

    /// A file that grew: each pair has the values before and after.
    package struct FileChange: Codable, Equatable, Sendable {
        package var path: String
        package var lines: [Int]
        /// The size of the text, in bytes.
        package var text: [Int]
        /// The compressed size, in bytes.
        package var gzip: [Int]
        /// The SHA-256 of the compressed file afterwards.
        package var sha256: String

        package init(path: String, before: GzipState?, after: GzipState) {
            self.path = path
            lines = [before?.lines ?? 0, after.lines]
            text = [before?.textBytes ?? 0, after.textBytes]
            gzip = [before?.gzipBytes ?? 0, after.gzipBytes]
            sha256 = after.hash.description
        }

        /// The pairs are checked here, so that no user of a record needs to check their lengths.
        package init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            func pair(_ key: CodingKeys) throws -> [Int] {
                let pair = try members.decode([Int].self, forKey: key)
                guard pair.count == 2, 0 <= pair[0], pair[0] <= pair[1] else {
                    throw DecodingError.dataCorruptedError(
                        forKey: key, in: members,
                        debugDescription: "it is not a pair of a length before and a length after")
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

    /// The sums over all days.
    package var total: Counts { days.reduce(into: Counts()) { $0 += $1.counts } }

    /// The growth of the compressed files, in bytes.
    package var compressed: Int { files.reduce(0) { $0 &+ ($1.gzip[1] - $1.gzip[0]) } }
}
