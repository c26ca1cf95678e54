/// The pointers to what a payload says about its event.
package struct PayloadRules: Sendable {
    /// The rules that find the business, in order of preference.
    ///
    /// The first rule wins that finds a number, or a string that is not empty and that ``CloudEventsText`` allows. The
    /// order of the members in the payload does not matter.
    package var business: [BusinessRule]
    /// The pointer to the sender's own id of the event, or `nil` if its payloads have none.
    package var senderID: JSONPointer?
    /// The members that may differ between two deliveries of one event, for example the time of sending.
    ///
    /// The reduced payload is the payload without these members (name, colon and value) and array elements. With each
    /// of them, one comma is removed: the one before it if a remaining member precedes it in its object or array,
    /// otherwise the one after it, if there is one. Every other byte remains, including white space. The result is valid
    /// JSON, and is the payload itself if it has none of the members. The empty pointer does not refer to a member, and
    /// removes nothing.
    package var ignoring: [JSONPointer]

    package init(
        business: [BusinessRule] = BusinessRule.defaults, senderID: JSONPointer? = nil, ignoring: [JSONPointer] = []
    ) {
        self.business = business
        self.senderID = senderID
        self.ignoring = ignoring
    }
}
