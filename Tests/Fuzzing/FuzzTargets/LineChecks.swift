internal import Archive
internal import Webhooks

enum LineChecks {
    private static let reader = PayloadReader(
        rules: PayloadRules(senderID: JSONPointer(tokens: ["id"]), ignoring: [JSONPointer(tokens: ["sent_at"])]))
    private static let id = DeliveryID(nanoseconds: 1_795_468_488_704_000_000, random: 0)

    /// What can be an event goes into a line that every JSON reader takes, and comes back to the byte.
    static func roundTrip(_ bytes: [UInt8]) throws {
        guard let payload = try? reader.read(bytes) else { return }
        let event = EventLine(
            id: id, environment: .production, type: payload.type, business: Business(payload.business),
            time: Timestamp(milliseconds: 1_795_468_488_704), hash: ContentHash(of: bytes), pointer: payload.pointer,
            key: payload.senderID, reduced: payload.reducedHash, headers: #"{"webhook-id":"a"}"#, payload: bytes)
        let line = try written(event.bytes)
        let again = try EventLine(line)
        try hold(again.payload == bytes, "the payload comes back as another")
        try hold(again.bytes == event.bytes, "read and written, the line is another")
        let isJSON = PayloadChecks.fault { () throws(PayloadFault) in try JSONText.validate(line, nesting: 513) }
        try hold(isJSON == nil, "the line is no JSON: \(isJSON?.description ?? "")")

        let redelivery = LedgerLine.redelivery(
            .init(id: id, of: id, time: event.time, hash: event.hash, differing: bytes))
        try hold(try LedgerLine(try written(redelivery.bytes)) == redelivery, "a redelivery comes back as another")
    }

    /// A line that is read is JSON if its payload is; written again, it is read as the same.
    static func event(_ bytes: [UInt8]) throws {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard let event = try? EventLine(line) else { return }
        let again = try EventLine(try written(event.bytes))
        try hold(again.bytes == event.bytes, "written again, it is another")
        try hold(again.payload == event.payload, "written again, its payload is another")
        guard (try? JSONText.validate(event.payload)) != nil else { return }
        for line in [Array(line), try written(event.bytes)] {
            let fault = PayloadChecks.fault { () throws(PayloadFault) in try JSONText.validate(line, nesting: 513) }
            try hold(fault == nil, "it is read, and no JSON: \(fault?.description ?? "")")
        }
    }

    /// A line that is read is JSON; written again, it is read as the same.
    static func ledger(_ bytes: [UInt8]) throws {
        let line = Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
        guard let entry = try? LedgerLine(line) else { return }
        let again = try LedgerLine(try written(entry.bytes))
        try hold(again.bytes == entry.bytes && again == entry, "written again, it is another")
        for line in [line, try written(entry.bytes)] {
            let fault = PayloadChecks.fault { () throws(PayloadFault) in try JSONText.validate(line) }
            try hold(fault == nil, "it is read, and no JSON: \(fault?.description ?? "")")
        }
    }

    /// A line of ours without its LF, which must be its only one.
    private static func written(_ bytes: [UInt8]) throws -> [UInt8] {
        try hold(bytes.firstIndex(of: UInt8(ascii: "\n")) == bytes.count - 1, "a line is not one line")
        return bytes.dropLast()
    }
}
