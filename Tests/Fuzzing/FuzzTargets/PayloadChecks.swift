internal import Webhooks

enum PayloadChecks {
    private static let plain = PayloadReader(rules: PayloadRules())
    private static let searching = PayloadReader(
        rules: PayloadRules(
            senderID: JSONPointer(tokens: ["data", "id"]),
            ignoring: [["sent_at"], ["data", "attempt"], ["data", "items", "0"], ["data", "business"]]
                .map { JSONPointer(tokens: $0) }))
    private static let withoutMatches = PayloadReader(
        rules: PayloadRules(ignoring: [JSONPointer(tokens: ["no such name", "\u{0}"])]))

    /// Readers with different rules agree about a payload, and the offset of a fault is within the payload.
    static func read(_ bytes: [UInt8]) throws {
        let valid = fault { () throws(PayloadFault) in try JSONText.validate(bytes) }
        let codes = Set(PayloadFault.Code.allCases.map(\.rawValue))
        var first: Payload?
        for reader in [plain, searching, withoutMatches] {
            var payload: Payload?
            let fault = fault { () throws(PayloadFault) in payload = try reader.read(bytes) }
            var probed: [String?] = []
            let probeFault = Self.fault { () throws(PayloadFault) in probed = try reader.probe(bytes) }
            try require(fault == probeFault, "read and probe differ: \((fault, probeFault))")
            try require(valid == nil || fault == valid, "a payload that is not valid JSON is read: \((fault, valid))")
            if let fault {
                try require((0...bytes.count).contains(fault.offset), "\(fault) is outside of the \(bytes.count) bytes")
                try require(codes.contains(fault.code), "\(fault) has an unknown code")
                try require(CloudEventsText.allows(fault.detail), "\(fault.detail) contains a forbidden character")
            }
            guard let payload else { continue }
            try require(
                same(probed.lazy.compactMap { $0 }.first, payload.business),
                "the business is not that of the first rule that matches")
            try require(CloudEventsText.allows(payload.type) && !payload.type.isEmpty, "the event type is not valid")
            try require(payload.hasLineBreak == bytes.contains { $0 == 10 || $0 == 13 }, "hasLineBreak is wrong")
            if let first { try require(same(first.type, payload.type), "the event type depends on the rules") }
            first = first ?? payload
        }
        if let hash = try? withoutMatches.read(bytes).reducedHash {
            try require(hash == ContentHash(of: bytes), "the reduced hash differs although nothing is left out")
        }
    }

    /// Minified text is valid if the original is, cannot be minified further, and has the same meaning.
    static func minify(_ bytes: [UInt8]) throws {
        let minified = JSONText.minified(bytes)
        try require(JSONText.minified(minified) == minified, "minifying twice differs from minifying once")
        let wasValid = fault { () throws(PayloadFault) in try JSONText.validate(bytes) } == nil
        guard wasValid else { return }
        try require(
            fault { () throws(PayloadFault) in try JSONText.validate(minified) } == nil,
            "the minified text is not valid")
        try require(!minified.contains { $0 == 10 || $0 == 13 }, "the minified text contains a line break")
        for reader in [plain, searching] {
            let (original, result) = (try? reader.read(bytes), try? reader.read(minified))
            try require(
                (original == nil) == (result == nil), "only one of the original and the minified text can be read")
            guard let original, let result else { continue }
            try require(
                same(original.type, result.type) && same(original.business, result.business)
                    && same(original.pointer, result.pointer) && same(original.senderID, result.senderID),
                "the minified text has another meaning: \(original) \(result)")
        }
        // Any text can be quoted, and is read back unchanged.
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CheckFailure(description: "the text is valid JSON, but not valid UTF-8")
        }
        var quoted: [UInt8] = Array(#"{"event":"E","business":"#.utf8)
        JSONText.appendQuoted(text, to: &quoted)
        quoted.append(UInt8(ascii: "}"))
        let business = try plain.read(quoted).business
        try require(same(business, CloudEventsText.allows(text) ? text : nil), "the quoted text is read differently")
    }

    static func fault(_ body: () throws(PayloadFault) -> Void) -> PayloadFault? {
        do throws(PayloadFault) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}

/// Whether two strings have the same bytes. (`==` ignores differences in Unicode normalisation.)
func same(_ a: String?, _ b: String?) -> Bool { a.map { Array($0.utf8) } == b.map { Array($0.utf8) } }
