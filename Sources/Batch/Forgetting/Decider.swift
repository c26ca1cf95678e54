package import Webhooks

/// Who decides to erase, prune, or hold something, why, and when, as the record keeps it for ever.
package struct Decider: Sendable {
    package let name: String
    package let reason: String
    package let now: Timestamp

    package init(name: String, reason: String, at now: Timestamp) {
        self.name = name
        self.reason = reason
        self.now = now
    }
}
