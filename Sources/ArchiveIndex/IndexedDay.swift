package import Webhooks

/// What the index knows of the events of an environment's day. As long as it is equal, so are the events.
package struct IndexedDay: Equatable, Sendable {
    package var environment: Environment
    package var day: CivilDate
    /// The last sweep, erasure, repair, or prune that changed an archive of the day.
    package var sweep: Int
    /// Whether the day has archives, which it has until it is pruned.
    package var hasArchives: Bool
    /// The number of redeliveries of the day's events, on whatever day they were received.
    package var redeliveries = 0
    /// The last sweep that found one of these redeliveries, or 0.
    package var lastRedelivered = 0
}
