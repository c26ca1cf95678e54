package import Webhooks

/// What one sweep did: the first line of its record, which is kept for ever. Each further line is a ``FileChange``.
///
///     _sweeps/<n>.ndjson.gz       lines sorted by path, compressed like an archive
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
    /// The number of files that grew.
    package var files: Int
    /// The growth of the compressed files, in bytes.
    package var compressed: Int

    package init(sweep: Int, kind: Kind, started: String, days: [DayCounts], files: [FileChange]) {
        self.sweep = sweep
        self.kind = kind
        self.started = started
        self.days = days
        self.files = files.count
        compressed = files.reduce(0) { $0 &+ $1.growth }
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

    /// The sums over all days.
    package var total: Counts { days.reduce(into: Counts()) { $0 += $1.counts } }
}
