package import Webhooks

/// What one sweep did: the first line of its record, which is kept for ever. Each further line is a ``FileChange``.
///
///     _sweeps/<n>.ndjson.gz       lines sorted by path, compressed like an archive
///
/// What a person decided is recorded as a sweep of a separate kind, with their name and their reason.
package struct SweepRecord: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case sweep
        /// Decisions on quarantined deliveries, which change a ledger.
        case release, discard
        /// Lines became tombstones: by a decision, or since no copy had them.
        case erase, repair
        /// The files of whole days were removed.
        case prune
        /// What the others must not touch, from a hold on.
        case hold
        case holdRelease = "hold-release"

        /// Whether files were written again, or removed. All others only append lines.
        package var rewrites: Bool {
            switch self {
            case .erase, .repair, .prune: true
            case .sweep, .release, .discard, .hold, .holdRelease: false
            }
        }
    }

    /// The number of the sweep, from 1 without gaps.
    package var sweep: Int
    package var kind: Kind
    /// The person who decided it, and why; `nil` for what nobody decides.
    package var by, reason: String?
    /// What a hold covers.
    package var hold: Hold?
    /// The number of the hold that was released.
    package var releasedHold: Int?
    /// The time at which it started, RFC 3339 in UTC.
    package var started: String
    /// The counts, by environment and day of receipt, in that order.
    package var days: [DayCounts]
    /// The number of files that changed.
    package var files: Int
    /// The growth of the compressed files, in bytes. It may be negative if files were rewritten.
    package var compressed: Int

    package init(sweep: Int, kind: Kind, started: String, days: [DayCounts], files: [FileChange]) {
        self.init(
            sweep: sweep, kind: kind, started: started, days: days, files: files.count,
            compressed: files.reduce(0) { $0 &+ $1.growth })
    }

    package init(sweep: Int, kind: Kind, started: String, days: [DayCounts], files: Int, compressed: Int) {
        self.sweep = sweep
        self.kind = kind
        self.started = started
        self.days = days
        self.files = files
        self.compressed = compressed
    }

    /// The lines that a hold covers. A `nil` does not narrow it.
    package struct Hold: Codable, Equatable, Sendable {
        package var environment: Environment?
        package var business: String?
        /// Whether it covers only events without a business; otherwise `nil`.
        package var unassigned: Bool?
        package var from: String?
        package var to: String?

        package init(
            environment: Environment?, business: String?, unassigned: Bool?, from: String?, to: String?
        ) {
            self.environment = environment
            self.business = business
            self.unassigned = unassigned
            self.from = from
            self.to = to
        }
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

    enum CodingKeys: String, CodingKey {
        case sweep, kind, by, reason, hold, started, days, files, compressed
        case releasedHold = "released_hold"
    }

    /// The sums over all days.
    package var total: Counts { days.reduce(into: Counts()) { $0 += $1.counts } }
}
