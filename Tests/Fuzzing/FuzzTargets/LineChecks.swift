internal import Archive
internal import Webhooks

enum LineChecks {
    private static let reader = PayloadReader(
        rules: PayloadRules(senderID: JSONPointer(tokens: ["id"]), ignoring: [JSONPointer(tokens: ["sent_at"])]))
    private static let id = DeliveryID(nanoseconds: 1_795_468_488_704_000_000, random: 0)

    /// The archive line of an event is valid JSON, and gives the payload back byte for byte.
    static func roundTrip(_ bytes: [UInt8]) throws {
        guard let payload = try? reader.read(bytes) else { return }
        let event = EventLine(
            id: id, environment: .production, type: payload.type, business: Business(payload.business),
            time: Timestamp(milliseconds: 1_795_468_488_704), hash: ContentHash(of: bytes), pointer: payload.pointer,
            key: payload.senderID, reduced: payload.reducedHash, headers: #"{"webhook-id":"a"}"#, payload: bytes)
        let line = try written(event.bytes)
        let again = try EventLine(line)
        try require(again.payload == bytes, "the payload is read back differently")
        try require(again.bytes == event.bytes, "the line changes when it is read and written")
        let isJSON = PayloadChecks.fault { () throws(PayloadFault) in try JSONText.validate(line, nesting: 513) }
        try require(isJSON == nil, "the line is not valid JSON: \(isJSON?.description ?? "")")

        let redelivery = LedgerLine.redelivery(
            .init(id: id, of: id, time: event.time, hash: event.hash, differing: bytes))
        try require(
            try LedgerLine(try written(redelivery.bytes)) == redelivery, "a redelivery is read back differently")
    }

    /// A line that can be read is valid JSON if its payload is. Written again, it is read as the same line.
    static func event(_ bytes: [UInt8]) throws {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard let event = try? EventLine(line) else { return }
        let again = try EventLine(try written(event.bytes))
        try require(again.bytes == event.bytes, "the line changes when it is written again")
        try require(again.payload == event.payload, "the payload changes when the line is written again")
        guard (try? JSONText.validate(event.payload)) != nil else { return }
        for line in [Array(line), try written(event.bytes)] {
            let fault = PayloadChecks.fault { () throws(PayloadFault) in try JSONText.validate(line, nesting: 513) }
            try require(fault == nil, "the line can be read, but is not valid JSON: \(fault?.description ?? "")")
        }
    }

    /// A line that can be read is valid JSON. Written again, it is read as the same line.
    static func ledger(_ bytes: [UInt8]) throws {
        let line = Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
        guard let entry = try? LedgerLine(line) else { return }
        let again = try LedgerLine(try written(entry.bytes))
        try require(again.bytes == entry.bytes && again == entry, "the line changes when it is written again")
        for line in [line, try written(entry.bytes)] {
            let fault = PayloadChecks.fault { () throws(PayloadFault) in try JSONText.validate(line) }
            try require(fault == nil, "the line can be read, but is not valid JSON: \(fault?.description ?? "")")
        }
    }

    /// Returns a written line without its LF, after checking that it has no other.
    private static func written(_ bytes: [UInt8]) throws -> [UInt8] {
        try require(
            bytes.firstIndex(of: UInt8(ascii: "\n")) == bytes.count - 1, "the LF is not the last byte of the line")
        return bytes.dropLast()
    }
}
