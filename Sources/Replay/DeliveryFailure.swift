/// Why a target did not acknowledge an event.
struct DeliveryFailure: Error, CustomStringConvertible {
    enum Scope: Equatable {
        /// The same delivery may succeed later.
        case temporary
        /// This event will be refused again.
        case event
        /// Every event will be refused.
        case target
    }

    let scope: Scope
    /// A clause: what happened.
    let description: String
    /// How long the target asks to wait, from the header `Retry-After` (RFC 9110, section 10.2.3).
    var retryAfter: Duration?

    init(_ scope: Scope, _ description: String, retryAfter: Duration? = nil) {
        self.scope = scope
        self.description = description
        self.retryAfter = retryAfter
    }
}
