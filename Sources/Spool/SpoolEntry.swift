package import Webhooks

/// A delivery in `new/`: acknowledged, and not swept yet.
///
/// Entries are small, since a sweep holds one for each delivery. The id determines the name and time of most of them.
package struct SpoolEntry: Sendable {
    package let id: DeliveryID
    package let hasSidecar: Bool
    /// The name and time of a file that another program named, or `nil`.
    let foreign: Foreign?

    final class Foreign: Sendable {
        let name: String
        let time: Timestamp

        init(name: String, time: Timestamp) {
            self.name = name
            self.time = time
        }
    }

    package var name: EntryName { foreign.map { EntryName(body: $0.name) } ?? EntryName(id) }

    /// The time of receipt.
    package var time: Timestamp { foreign?.time ?? id.time ?? Timestamp(milliseconds: 0) }
}
