package import Webhooks

/// A delivery that an earlier sweep recorded.
package struct KnownDelivery: Equatable, Sendable {
    package enum Outcome: String, Sendable {
        case event, redelivery, released, discarded
        case quarantined = "held"
    }

    package var outcome: Outcome
    package var hash: ContentHash
    package var sweep: Int
}
