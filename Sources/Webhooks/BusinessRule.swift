/// One place where a payload may say whom it is about.
///
/// In text, `/data/business_id`; or, where it holds for some event types only, `NEW_BUSINESS:/data/id` (several types
/// with commas between).
package struct BusinessRule: Hashable, Sendable, CustomStringConvertible {
    package var pointer: JSONPointer
    /// The event types that the rule is for; nil is all.
    package var events: Set<String>?

    package init(pointer: JSONPointer, events: Set<String>? = nil) {
        self.pointer = pointer
        self.events = events
    }

    package init(_ text: String) throws(JSONPointerError) {
        var place = text[...]
        events = nil
        if !text.isEmpty, text.utf8.first != UInt8(ascii: "/") {
            // A type may hold a colon (`invoice:paid`); a pointer begins with a slash: so the first `:/` parts the two.
            let bytes = text.utf8
            guard let colon = bytes.indices.first(where: { bytes[$0...].starts(with: ":/".utf8) }) else {
                throw JSONPointerError(
                    text: text, kind: "business rule", cause: "no pointer stands in it",
                    remedy: "Write /data/business_id, or NEW_BUSINESS:/data/id for some event types only.")
            }
            let types = bytes[..<colon].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard types.allSatisfy({ !$0.isEmpty }) else {
                throw JSONPointerError(
                    text: text, kind: "business rule", cause: "one of its event types is empty",
                    remedy: "Write A:/data/id or A,B:/data/id.")
            }
            // It could not stand first, where it would begin a pointer.
            guard types.allSatisfy({ $0.first != UInt8(ascii: "/") }) else {
                throw JSONPointerError(
                    text: text, kind: "business rule", cause: "one of its event types begins with a slash",
                    remedy: "Write A:/data/id or A,B:/data/id.")
            }
            events = Set(types.map { String(Substring($0)) })
            place = text[bytes.index(after: colon)...]
        }
        pointer = try JSONPointer(String(place))
        guard !pointer.tokens.isEmpty else {
            throw JSONPointerError(
                text: text, kind: "business rule", cause: "it names the whole payload",
                remedy: "Name a member of it, as /data/business_id.")
        }
    }

    /// The text that gives this rule; event types in the order of the alphabet.
    package var description: String {
        guard let events else { return pointer.description }
        return events.sorted().joined(separator: ",") + ":" + pointer.description
    }
}

extension BusinessRule {
    /// Where Lehjah, whose page does not say, is likely to put the business: its integrators' libraries call it
    /// `business_id` ("the unique ID of the business on your platform") and `businessId`.
    ///
    /// The more certain names come first. Each kind of entity is asked for `business_id`, then for `businessId`, before
    /// the next kind is. What stands last names the business itself in `NEW_BUSINESS`, and in any other event the
    /// transaction or record, which would make one "business" of each.
    package static let defaults: [BusinessRule] = {
        let entities = [
            "transaction", "record", "invoice", "bill", "restock", "item", "inventory_item", "subscription",
        ]
        let sure = [
            ["data", "business_id"], ["data", "businessId"], ["data", "business_uuid"], ["data", "businessUuid"],
            ["data", "business", "business_id"], ["data", "business", "id"], ["data", "business", "uuid"],
            ["data", "business", "_id"], ["data", "business"],
            ["business_id"], ["businessId"], ["business_uuid"],
            ["business", "id"], ["business", "uuid"], ["business"],
        ]
        let inEntity = entities.flatMap { [["data", $0, "business_id"], ["data", $0, "businessId"]] }
        let ofNewBusiness = [["data", "id"], ["data", "uuid"], ["data", "_id"]]
        return (sure + inEntity).map { BusinessRule(pointer: JSONPointer(tokens: $0)) }
            + ofNewBusiness.map {
                BusinessRule(pointer: JSONPointer(tokens: $0), events: [EventType.newBusiness.rawValue])
            }
    }()
}
