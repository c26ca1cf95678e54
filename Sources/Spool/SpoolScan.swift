package import DurableFiles
package import Webhooks

/// The result of listing `new/`, or a portion of it.
package struct SpoolScan: Sendable {
    /// The entries, sorted by (receipt time, id).
    package var entries: [SpoolEntry] = []
    /// Why entries could not be read. They are still in the spool.
    package var unreadable: [FileError] = []
    /// A sentence about each file or folder that is not an entry. The sweep leaves them alone.
    package var odd: [String] = []
    /// The number of entries that there are from the start of the portion on, including those that follow it.
    package var total = 0
    /// Whether `new/` has any sidecar.
    var hasSidecars = false
    /// The last entry of the portion if others follow it, or `nil`.
    package var last: SpoolEntry?

    /// Shortens the portion to the entries received until a time, unless there are none.
    package mutating func cut(after end: Timestamp) {
        let count = entries.prefix { $0.time <= end }.count
        guard count > 0, count < entries.count else { return }
        entries.removeLast(entries.count - count)
        last = entries.max(by: SpoolEntry.precedes)
    }
}
