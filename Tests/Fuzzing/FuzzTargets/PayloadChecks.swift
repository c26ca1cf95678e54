internal import Webhooks

enum PayloadChecks {
    private static let plain = PayloadReader(rules: PayloadRules())
    private static let looking = PayloadReader(
        rules: PayloadRules(
            senderID: JSONPointer(tokens: ["data", "id"]),
            ignoring: [["sent_at"], ["data", "attempt"], ["data", "items", "0"], ["data", "business"]]
                .map { JSONPointer(tokens: $0) }))
    private static let nothingThere = PayloadReader(
        rules: PayloadRules(ignoring: [JSONPointer(tokens: ["no such name", "\u{0}"])]))

    /// What the readers say of one payload agrees, whatever they look for; a fault lies within it.
    static func read(_ bytes: [UInt8]) throws {
        let valid = fault { () throws(PayloadFault) in try JSONText.validate(bytes) }
        let codes = Set(PayloadFault.Code.allCases.map(\.rawValue))
        var first: Payload?
        for reader in [plain, looking, nothingThere] {
            var payload: Payload?
            let fault = fault { () throws(PayloadFault) in payload = try reader.read(bytes) }
            var probed: [String?] = []
            let probeFault = Self.fault { () throws(PayloadFault) in probed = try reader.probe(bytes) }
            try hold(fault == probeFault, "read and probe differ: \((fault, probeFault))")
            try hold(valid == nil || fault == valid, "what is no JSON is read: \((fault, valid))")
            if let fault {
                try hold((0...bytes.count).contains(fault.offset), "\(fault) lies outside of \(bytes.count) bytes")
                try hold(codes.contains(fault.code), "\(fault) has no code that is known")
                try hold(CloudEventsText.allows(fault.detail), "\(fault.detail) holds what must not stand in a line")
            }
            guard let payload else { continue }
            try hold(
                same(probed.lazy.compactMap { $0 }.first, payload.business), "the first rule that finds is not taken")
            try hold(CloudEventsText.allows(payload.type) && !payload.type.isEmpty, "a type that is none")
            try hold(payload.hasLineBreak == bytes.contains { $0 == 10 || $0 == 13 }, "a line break is not seen")
            if let first { try hold(same(first.type, payload.type), "the type hangs on the rules") }
            first = first ?? payload
        }
        if let hash = try? nothingThere.read(bytes).reducedHash {
            try hold(hash == ContentHash(of: bytes), "nothing is left out, and the hash is another")
        }
    }

    /// What is valid stays so when it is tightened, is tight then, and means the same.
    static func tightened(_ bytes: [UInt8]) throws {
        let tight = JSONText.minified(bytes)
        try hold(JSONText.minified(tight) == tight, "tightened twice is not tightened once")
        let wasValid = fault { () throws(PayloadFault) in try JSONText.validate(bytes) } == nil
        guard wasValid else { return }
        try hold(
            fault { () throws(PayloadFault) in try JSONText.validate(tight) } == nil, "tightened, it is not valid")
        try hold(!tight.contains { $0 == 10 || $0 == 13 }, "tightened, it is not one line")
        for reader in [plain, looking] {
            let (loose, close) = (try? reader.read(bytes), try? reader.read(tight))
            try hold((loose == nil) == (close == nil), "tightened, it reads otherwise")
            guard let loose, let close else { continue }
            try hold(
                same(loose.type, close.type) && same(loose.business, close.business)
                    && same(loose.pointer, close.pointer) && same(loose.senderID, close.senderID),
                "tightened, it is another: \(loose) \(close)")
        }
        // What a string means can be written, and then means the same.
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Broken(description: "valid, but no UTF-8")
        }
        var quoted: [UInt8] = Array(#"{"event":"E","business":"#.utf8)
        JSONText.appendQuoted(text, to: &quoted)
        quoted.append(UInt8(ascii: "}"))
        let business = try plain.read(quoted).business
        try hold(same(business, CloudEventsText.allows(text) ? text : nil), "quoted, it reads otherwise")
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

/// By bytes: to Swift, strings that differ only in Unicode normalisation are equal.
func same(_ a: String?, _ b: String?) -> Bool { a.map { Array($0.utf8) } == b.map { Array($0.utf8) } }
