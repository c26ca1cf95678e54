internal import Archive
internal import Webhooks

extension SweepRecord {
    /// A record of what a person decided.
    ///
    /// - Parameters:
    ///   - days: The days whose files change.
    ///   - files: The number of files that change.
    ///   - compressed: The growth of these files, in bytes.
    init(
        sweep: Int, kind: Kind, _ decider: Decider, days: [DayCounts] = [], files: Int = 0, compressed: Int = 0
    ) {
        self.init(
            sweep: sweep, kind: kind, started: decider.now.description, days: days, files: files,
            compressed: compressed)
        by = decider.name
        reason = decider.reason
    }
}
