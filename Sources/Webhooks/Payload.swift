/// The values that Daybook reads from a payload. The payload itself is archived unchanged.
package struct Payload: Sendable, Equatable {
    /// The value of the top-level member `event`. It is not empty, and ``CloudEventsText`` allows it.
    package var type: String
    /// The business that the event is about, or `nil` if no rule finds one.
    ///
    /// It is an unescaped string, or a number with its original digits.
    package var business: String?
    /// The text of the pointer that found the business.
    package var pointer: String?
    /// The sender's own id of the event, if ``PayloadRules/senderID`` points to one. The same strings and numbers are
    /// accepted as for a business.
    package var senderID: String?
    /// Whether the payload contains LF or CR. (In valid JSON, they can only be between tokens.)
    package var hasLineBreak: Bool
    /// The hash of the payload without the members in ``PayloadRules/ignoring``, or `nil` if that list is empty.
    package var reducedHash: ContentHash?

    package init(
        type: String, business: String? = nil, pointer: String? = nil, senderID: String? = nil,
        hasLineBreak: Bool = false, reducedHash: ContentHash? = nil
    ) {
        self.type = type
        self.business = business
        self.pointer = pointer
        self.senderID = senderID
        self.hasLineBreak = hasLineBreak
        self.reducedHash = reducedHash
    }
}
