/// What Daybook takes from a payload; the bytes themselves are kept as they came.
package struct Payload: Sendable, Equatable {
    /// The value of the top member `event`: not empty, and allowed by ``CloudEventsText``.
    package var type: String
    /// Whom the event is about: a string unescaped, or a number in the digits that it was written in. nil where no rule
    /// gives one.
    package var business: String?
    /// The text of the pointer that gave the business.
    package var pointer: String?
    /// The sender's own id, where ``PayloadRules/senderID`` points at a string or number that could be a business too.
    package var senderID: String?
    /// LF or CR stands anywhere in the payload (in valid JSON, that is between its tokens).
    package var hasLineBreak: Bool
    /// The hash of the payload less the members that ``PayloadRules/ignoring`` names; nil where that is empty.
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

/// Where in a payload to look, and for what.
package struct PayloadRules: Sendable {
    /// In order of preference. The first that gives a number, or a string that is neither empty nor refused by
    /// ``CloudEventsText``, wins, whatever the order of the members in the payload.
    package var business: [BusinessRule]
    /// Where the sender puts its own id of the event, if it does.
    package var senderID: JSONPointer?
    /// What may differ between two deliveries of one event, as a time of sending.
    ///
    /// The reduced payload is the payload with these members (name, colon, value) and array elements taken out. With
    /// each goes one comma: the one before it where a member that stays precedes it in its object or array, else the
    /// one after it, if there is one. Every other byte stays, white space too. So it is valid JSON again, and where
    /// none of the members is there, it is the payload itself. The empty pointer names no member, and takes nothing
    /// out.
    package var ignoring: [JSONPointer]

    package init(
        business: [BusinessRule] = BusinessRule.defaults, senderID: JSONPointer? = nil, ignoring: [JSONPointer] = []
    ) {
        self.business = business
        self.senderID = senderID
        self.ignoring = ignoring
    }
}
