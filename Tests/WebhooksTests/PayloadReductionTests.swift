import Testing
import Webhooks

@Suite struct PayloadReductionTests {
    /// Payloads, and what remains of them without `/a`, `/b`, `/c`, `/d/sent_at`, `/l/0` and `/l/1`.
    @Test(arguments: [
        // One member: none, last, first, in the middle.
        (#"{"event":"E"}"#, #"{"event":"E"}"#),
        (#"{"event":"E","a":1}"#, #"{"event":"E"}"#),
        (#"{"a":1,"event":"E"}"#, #"{"event":"E"}"#),
        (#"{"x":0,"a":1,"event":"E"}"#, #"{"x":0,"event":"E"}"#),
        // Several members next to each other.
        (#"{"a":1,"b":2,"event":"E"}"#, #"{"event":"E"}"#),
        (#"{"event":"E","a":1,"b":2}"#, #"{"event":"E"}"#),
        (#"{"a":1,"event":"E","b":2}"#, #"{"event":"E"}"#),
        (#"{"a":1,"b":2,"event":"E","c":3}"#, #"{"event":"E"}"#),
        // All members of an object or array.
        (#"{"event":"E","d":{"sent_at":1}}"#, #"{"event":"E","d":{}}"#),
        (#"{"event":"E","l":[1,2]}"#, #"{"event":"E","l":[]}"#),
        (#"{"event":"E","l":[1,2,3]}"#, #"{"event":"E","l":[3]}"#),
        (#"{"event":"E","l":[{"sent_at":1}]}"#, #"{"event":"E","l":[]}"#),
        // White space and similar names remain.
        ("{ \"a\" : 1 , \"event\":\"E\" }\n", "{   \"event\":\"E\" }\n"),
        ("{\"event\":\"E\" , \"a\" : [ 1,\n2 ] }", "{\"event\":\"E\"   }"),
        (#"{"event":"E","d":{"a":1,"A":2},"sent_at":3}"#, #"{"event":"E","d":{"a":1,"A":2},"sent_at":3}"#),
        // A name with escapes.
        (#"{"event":"E","\u0061":1}"#, #"{"event":"E"}"#),
        // Values that contain what looks like their end.
        (#"{"event":"E","a":"},\",","b":{"c":[]}}"#, #"{"event":"E"}"#),
    ])
    func removesTheMembers(_ body: String, _ rest: String) throws {
        let ignoring = try ["/a", "/b", "/c", "/d/sent_at", "/l/0", "/l/1", ""].map { try JSONPointer($0) }
        let payload = try PayloadReader(rules: PayloadRules(ignoring: ignoring)).read(Array(body.utf8))
        #expect(payload.reducedHash == ContentHash(of: Array(rest.utf8)))
        try JSONText.validate(Array(rest.utf8))
    }

    @Test func aNestedMemberIsRemovedWithTheOuterOne() throws {
        let ignoring = [try JSONPointer("/d/x"), try JSONPointer("/d"), try JSONPointer("/d/x/y")]
        let reader = PayloadReader(rules: PayloadRules(ignoring: ignoring))
        let payload = try reader.read(Array(#"{"event":"E","d":{"x":{"y":1},"z":2},"e":3}"#.utf8))
        #expect(payload.reducedHash == ContentHash(of: Array(#"{"event":"E","e":3}"#.utf8)))
    }

    @Test func ignoredMembersAreStillRead() throws {
        let rules = PayloadRules(
            business: [try BusinessRule("/b")], ignoring: [try JSONPointer("/b"), try JSONPointer("/event")])
        let payload = try PayloadReader(rules: rules).read(Array(#"{"event":"E","b":1}"#.utf8))
        #expect(
            payload == Payload(type: "E", business: "1", pointer: "/b", reducedHash: ContentHash(of: Array("{}".utf8))))
    }

    @Test func isNilIfNothingIsIgnored() throws {
        #expect(try PayloadReader(rules: PayloadRules()).read(Array(#"{"event":"E"}"#.utf8)).reducedHash == nil)
    }

    @Test func isTheHashOfThePayloadIfNoMemberMatches() throws {
        let body = Array("{ \"event\":\"E\"\r\n}".utf8)
        let reader = PayloadReader(rules: PayloadRules(ignoring: [try JSONPointer("/sent_at"), try JSONPointer("/0")]))
        #expect(try reader.read(body).reducedHash == ContentHash(of: body))
    }
}
