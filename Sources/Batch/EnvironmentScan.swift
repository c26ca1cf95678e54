internal import Spool
internal import Webhooks

/// One environment's part of the spool, and the entries that a sweep found in it.
struct EnvironmentScan {
    let spool: EnvironmentSpool
    let scan: SpoolScan

    var environment: Environment { spool.environment }
    /// The entries in the order of receipt.
    var entries: [SpoolEntry] { scan.entries }
}
