internal import Archive
internal import Webhooks

/// A delivery as the spool holds it, read and parsed, before the index is asked whether it is known.
struct ParsedDelivery: Sendable {
    /// The SHA-256 of the payload.
    let hash: ContentHash
    /// The size of the payload, in bytes.
    let size: Int
    let content: Content

    enum Content: Sendable {
        case event(Event)
        case rejected(DeliveryParser.Rejection)
    }

    /// What the sweep needs to know about a delivery that can become an event.
    struct Event: Sendable {
        let type: String
        let business: Business
        let fingerprint: Fingerprint
        /// The id of the event that the delivery is a replay of, by its headers, or `nil`.
        let replayed: DeliveryID?
        /// The offset of the archive's line in ``ReadBatch/lines``, or `nil` if there was no memory to keep it.
        let line: UInt32?
    }
}
