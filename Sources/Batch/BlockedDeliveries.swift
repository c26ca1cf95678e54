internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// The deliveries that stay in the spool since a file that they would be appended to is damaged, over all commits of a run.
struct BlockedDeliveries {
    /// The damaged files, in the order in which they were found.
    private(set) var files: [BlockedFile] = []
    private var keys: [SweepPlan.FileKey] = []
    private var numbers: [SweepPlan.FileKey: Int] = [:]
    private var events = BlockedEvents()

    func contains(_ key: SweepPlan.FileKey) -> Bool { numbers[key] != nil }

    mutating func add(_ file: BlockedFile, for key: SweepPlan.FileKey) {
        numbers[key] = files.count
        files.append(file)
        keys.append(key)
    }

    mutating func countDelivery(of key: SweepPlan.FileKey) {
        if let number = numbers[key] { files[number].deliveries += 1 }
    }

    /// Adds an event that waits for a damaged file.
    mutating func addEvent(_ fingerprint: Fingerprint, at time: Timestamp, of key: SweepPlan.FileKey) throws {
        if let number = numbers[key] { try events.add(fingerprint, at: time, of: number) }
    }

    /// Returns the file of the event that a delivery with this fingerprint repeats, or `nil` if no such event is blocked.
    func event(_ fingerprint: Fingerprint, near time: Timestamp, within window: Int64) throws -> SweepPlan.FileKey? {
        try events.file(of: fingerprint, near: time, within: window).map { keys[$0] }
    }
}
