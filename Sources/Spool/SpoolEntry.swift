package import Webhooks

/// A delivery in `new/`: acknowledged, and not swept yet.
///
/// Entries are small, since a sweep holds one for each delivery. The id determines the name and time of most of them.
package struct SpoolEntry: Sendable {
    package internal(set) var id: DeliveryID
    package internal(set) var hasSidecar: Bool
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

    /// An entry that the receiver named.
    init(_ id: DeliveryID) {
        self.id = id
        hasSidecar = false
        foreign = nil
    }

    /// An entry whose id is not known yet, since its file was not read.
    init(foreign: Foreign) {
        id = DeliveryID(nanoseconds: 0, random: 0)
        hasSidecar = false
        self.foreign = foreign
    }

    package var name: EntryName { foreign.map { EntryName(body: $0.name) } ?? EntryName(id) }

    /// The time of receipt.
    package var time: Timestamp { foreign?.time ?? id.time ?? Timestamp(milliseconds: 0) }

    /// Whether an entry comes before another one in the order in which a spool is listed in portions: by receipt time, then by
    /// name. It is known without reading a file, unlike the id of a file that another program named.
    static func precedes(_ one: SpoolEntry, _ other: SpoolEntry) -> Bool {
        let (time, otherTime) = (one.time, other.time)
        guard time == otherTime else { return time < otherTime }
        return switch (one.foreign, other.foreign) {
        case (nil, nil): one.id < other.id
        case (nil, _): true
        case (_, nil): false
        case (let foreign?, let otherForeign?): foreign.name.utf8.lexicographicallyPrecedes(otherForeign.name.utf8)
        }
    }
}
