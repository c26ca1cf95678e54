/// A pointer to a value that names the business of an event, and the event types that it applies to.
///
/// The textual form is a JSON pointer such as `/data/business_id`. A rule for some event types only begins with their
/// names, separated by commas: `NEW_BUSINESS:/data/id`.
package struct BusinessRule: Hashable, Sendable, CustomStringConvertible {
    package var pointer: JSONPointer
    /// The event types that the rule applies to, or `nil` if it applies to all.
    package var events: Set<String>?

    package init(pointer: JSONPointer, events: Set<String>? = nil) {
        self.pointer = pointer
        self.events = events
    }

    /// Parses the textual form.
    package init(_ text: String) throws(JSONPointerError) {
        func error(_ cause: String, _ remedy: String) -> JSONPointerError {
            JSONPointerError(text: text, kind: "business rule", cause: cause, remedy: remedy)
        }
        var pointerText = text[...]
        events = nil
        if !text.isEmpty, text.utf8.first != UInt8(ascii: "/") {
            // An event type may contain a colon (`invoice:paid`), and a pointer begins with a slash. The first `:/`
            // therefore separates the two.
            let bytes = text.utf8
            guard let colon = bytes.indices.first(where: { bytes[$0...].starts(with: ":/".utf8) }) else {
                throw error(
                    "it contains no pointer",
                    "Write /data/business_id, or NEW_BUSINESS:/data/id for some event types only."
                )
            }
            let types = bytes[..<colon].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard types.allSatisfy({ !$0.isEmpty }) else {
                throw error("one of its event types is empty", "Write A:/data/id or A,B:/data/id.")
            }
            // As the first type, it would be read as the beginning of a pointer.
            guard types.allSatisfy({ $0.first != UInt8(ascii: "/") }) else {
                throw error("one of its event types begins with a slash", "Write A:/data/id or A,B:/data/id.")
            }
            events = Set(types.map { String(Substring($0)) })
            pointerText = text[bytes.index(after: colon)...]
        }
        pointer = try JSONPointer(String(pointerText))
        guard !pointer.tokens.isEmpty else {
            throw error("it points to the whole payload", "Point to a member, for example /data/business_id.")
        }
    }

    /// The textual form, with the event types in alphabetical order.
    package var description: String {
        guard let events else { return pointer.description }
        return events.sorted().joined(separator: ",") + ":" + pointer.description
    }
}

extension BusinessRule {
    /// The likely pointers to the business in Lehjah's payloads, which its documentation does not specify.
    ///
    /// The libraries of its integrators call the member `business_id` ("the unique ID of the business on your
    /// platform") or `businessId`. The more certain names come first. Each kind of entity is searched for both names
    /// before the next kind is. The last rules find the id of the business itself in `NEW_BUSINESS`. In any other event
    /// they would find the id of a transaction or record, and make a "business" of each.
    package static let defaults: [BusinessRule] = {
        let entities = [
            "transaction", "record", "invoice", "bill", "restock", "item", "inventory_item", "subscription",
        ]
        let certain = [
            ["data", "business_id"], ["data", "businessId"], ["data", "business_uuid"], ["data", "businessUuid"],
            ["data", "business", "business_id"], ["data", "business", "id"], ["data", "business", "uuid"],
            ["data", "business", "_id"], ["data", "business"],
            ["business_id"], ["businessId"], ["business_uuid"],
            ["business", "id"], ["business", "uuid"], ["business"],
        ]
        let inEntity = entities.flatMap { [["data", $0, "business_id"], ["data", $0, "businessId"]] }
        let ofNewBusiness = [["data", "id"], ["data", "uuid"], ["data", "_id"]]
        return (certain + inEntity).map { BusinessRule(pointer: JSONPointer(tokens: $0)) }
            + ofNewBusiness.map {
                BusinessRule(pointer: JSONPointer(tokens: $0), events: [EventType.newBusiness.rawValue])
            }
    }()
}
