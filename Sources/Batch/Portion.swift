internal import Spool
internal import Webhooks

/// The entries of one environment that a commit decides on: a part of what a scan found.
struct Portion: Sendable {
    let spool: EnvironmentSpool
    /// The entries in the order of receipt. Their indexes are those in the scan.
    let entries: ArraySlice<SpoolEntry>

    var environment: Environment { spool.environment }
}
