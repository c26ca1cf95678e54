internal import Archive
internal import Webhooks

/// The deliveries that stay in the spool since a file that they would be appended to is damaged, over all commits of a run.
struct BlockedDeliveries {
    /// The damaged files, by key.
    private(set) var files: [SweepPlan.FileKey: BlockedFile] = [:]
    /// The events among the deliveries, each with its receipt and its file.
    private var events: [Fingerprint: (time: Timestamp, key: SweepPlan.FileKey)] = [:]

    mutating func add(_ file: BlockedFile, for key: SweepPlan.FileKey) { files[key] = file }

    mutating func countDelivery(of key: SweepPlan.FileKey) { files[key]?.deliveries += 1 }

    mutating func addEvent(_ fingerprint: Fingerprint, at time: Timestamp, of key: SweepPlan.FileKey) {
        events[fingerprint] = (time, key)
    }

    /// Returns the file of the event that a delivery with this fingerprint repeats, or `nil` if no such event is blocked.
    func event(_ fingerprint: Fingerprint, near time: Timestamp, within window: Int64) -> SweepPlan.FileKey? {
        guard let event = events[fingerprint], abs(time.milliseconds - event.time.milliseconds) <= window
        else { return nil }
        return event.key
    }
}
