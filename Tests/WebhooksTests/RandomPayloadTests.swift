import TestSupport
import Testing
import Webhooks

@Suite struct RandomPayloadTests {
    /// Names that pointers contain, similar names, and other names.
    private static let names =
        [
            "event", "data", "business_id", "businessId", "business_uuid", "business", "id", "uuid", "_id",
            "transaction", "item",
        ]
        + ["amount", "business_ie", "Business_id", "a/b", "m~n", "", "0", "1", "é", "narration of some length"]

    @Test func renderedTextIsValidAndMinifiesToItsTokens() throws {
        var random = SeededGenerator("renderedTextIsValidAndMinifiesToItsTokens")
        for _ in 0..<1500 {
            let tree = JSONTree.random(depth: 5, names: Self.names, &random)
            let spaced = tree.spaced(&random)
            #expect(throws: Never.self, "\(String(decoding: spaced, as: UTF8.self))") { try JSONText.validate(spaced) }
            #expect(JSONText.minified(spaced) == tree.minified)
        }
    }

    @Test func agreesWithTheTree() throws {
        var random = SeededGenerator("agreesWithTheTree")
        let ignoring = try [
            "/data/id", "/data/0", "/data/1", "/business", "/data/business", "/data/business/id", "/amount", "/", "/é",
        ]
        .map { try JSONPointer($0) }
        let rules = PayloadRules(senderID: try JSONPointer("/data/transaction/uuid"), ignoring: ignoring)
        let reader = PayloadReader(rules: rules)
        func text(_ tree: JSONTree?) -> String? {
            switch tree {
            case .token(let literal): ["true", "false", "null"].contains(literal) ? nil : literal
            case .string(let text): !text.meaning.isEmpty && CloudEventsText.allows(text.meaning) ? text.meaning : nil
            default: nil
            }
        }
        var found = 0
        for _ in 0..<3000 {
            guard case .object(var members) = JSONTree.object(depth: 4, names: Self.names, &random) else { continue }
            members.removeAll { ["event", "data"].contains($0.name.meaning) }
            let type = random.pick(["NEW_BUSINESS", "RECORD_CREATED"])
            let added = [
                ("event", JSONTree.string(.init(literal: "\"\(type)\"", meaning: type))),
                ("data", JSONTree.random(depth: 5, names: Self.names, &random)),
            ]
            for (name, value) in added {
                let member = JSONTree.Member(name: .init(literal: "\"\(name)\"", meaning: name), value: value)
                members.insert(member, at: Int.random(in: 0...members.count, using: &random))
            }
            let tree = JSONTree.object(members)

            let each = rules.business.map { ($0.events?.contains(type) ?? true) ? text(tree[$0.pointer]) : nil }
            let first = each.firstIndex { $0 != nil }
            let reduced = tree.removing(ignoring.map(\.tokens))
            let expected = Payload(
                type: type, business: first.flatMap { each[$0] },
                pointer: first.map { rules.business[$0].pointer.description },
                senderID: rules.senderID.flatMap { text(tree[$0]) }, reducedHash: ContentHash(of: reduced.minified))
            if first != nil { found += 1 }
            let minified = tree.minified
            #expect(try reader.read(minified) == expected, "\(String(decoding: minified, as: UTF8.self))")
            #expect(try reader.probe(minified) == each)

            // White space changes neither the business nor the pointer.
            let spaced = tree.spaced(&random)
            let payload = try reader.read(spaced)
            #expect(payload.business == expected.business && payload.pointer == expected.pointer)
            #expect(payload.hasLineBreak == spaced.contains { $0 == 10 || $0 == 13 })
        }
        #expect(found > 300, "too few samples have a business")
    }

    @Test func agreesWithTheReferenceParserOnMutations() throws {
        var random = SeededGenerator("agreesWithTheReferenceParserOnMutations")
        var accepted = 0
        var refused = 0
        for _ in 0..<6000 {
            var bytes = JSONTree.random(depth: 4, names: ["a", "b", "ab", "é"], &random).spaced(&random)
            if bytes.count > 600 { bytes.removeLast(bytes.count - 600) }
            for _ in 0..<Int.random(in: 1...3, using: &random) { Self.mutate(&bytes, &random) }
            let reference = ReferenceParser.parse(bytes, limit: 4)
            var fault: PayloadFault?
            do throws(PayloadFault) { try JSONText.validate(bytes, nesting: 4) } catch { fault = error }
            #expect(
                (fault == nil) == (reference != nil),
                "\(fault?.description ?? "accepted"): \(String(decoding: bytes, as: UTF8.self)) \(bytes)")
            if let fault { #expect((0...bytes.count).contains(fault.offset)) }
            if let reference { #expect(JSONText.minified(bytes) == reference.minified) }
            if fault == nil { accepted += 1 } else { refused += 1 }
        }
        #expect(accepted > 300 && refused > 300, "\(accepted) accepted, \(refused) refused")
    }

    static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let pieces = [
            "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "0", "-", ".", "e", "u", "\\u0061", "\\ud800", "\\udc00",
            "\n", "\0", "null", "\"a\":1,",
        ]
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 1...4, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.insert(contentsOf: Array(random.pick(pieces).utf8), at: start)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: start)
        case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 4: bytes.replaceSubrange(start..<end, with: Array(random.pick(pieces).utf8))
        case 5 where start < bytes.count: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        default: bytes.removeSubrange(end...)
        }
    }
}
