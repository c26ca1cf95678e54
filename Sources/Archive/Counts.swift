/// How many deliveries were received, and what became of them: `received = archived + redelivered + quarantined`.
///
/// Sums wrap around: if someone has tampered with the numbers in a file, a check must report them and not crash.
package struct Counts: Codable, Equatable, Sendable {
    /// The number of scanned deliveries. A quarantined delivery that is released is scanned again, and counted
    /// again.
    package var received = 0
    package var archived = 0
    package var redelivered = 0
    package var quarantined = 0
    /// The number of quarantined deliveries that were released by now.
    package var released = 0
    /// The number of quarantined deliveries that were discarded by now.
    package var discarded = 0
    /// The size of the received payloads, in bytes.
    package var bytes = 0

    package init() {}

    package var areConserved: Bool { received == archived &+ redelivered &+ quarantined }

    package static func += (a: inout Self, b: Self) {
        a.received &+= b.received
        a.archived &+= b.archived
        a.redelivered &+= b.redelivered
        a.quarantined &+= b.quarantined
        a.released &+= b.released
        a.discarded &+= b.discarded
        a.bytes &+= b.bytes
    }
}
