package import Archive
package import Webhooks

/// The event that a delivery repeats.
package struct RepeatedEvent: Equatable, Sendable {
    package var row: Int64
    package var id: DeliveryID
    /// The time of its first receipt.
    package var time: Timestamp
    package var hash: ContentHash
    package var business: Business
}
