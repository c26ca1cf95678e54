import Testing
import Webhooks

@Suite struct PayloadReaderTests {
    /// A payload, and the business that the default rules find in it.
    struct Sample: Sendable, CustomTestStringConvertible {
        var body: String
        var business: String?
        var pointer: String?

        init(_ body: String, _ business: String?, at pointer: String?) {
            self.body = body
            self.business = business
            self.pointer = pointer
        }

        var testDescription: String { String(body.prefix(100)) }
    }

    @Test(arguments: [
        Sample(#"{"event":"E","data":{"business_id":"acme"}}"#, "acme", at: "/data/business_id"),
        Sample(#"{"data":{"business_id":"acme"},"event":"E"}"#, "acme", at: "/data/business_id"),
        Sample(#"{"event":"E","data":{"businessId":"b","business_id":"a"}}"#, "a", at: "/data/business_id"),
        Sample(#"{"event":"E","business_id":"top","data":{"business":"in"}}"#, "in", at: "/data/business"),
        Sample(#"{"event":"E","data":{"business":{"uuid":"u","id":7}}}"#, "7", at: "/data/business/id"),
        Sample(#"{"event":"E","business":{"uuid":"u"}}"#, "u", at: "/business/uuid"),
        Sample(#"{"event":"E","business":"b"}"#, "b", at: "/business"),
        Sample(#"{"event":"E","data":{"bill":{"businessId":"b"}}}"#, "b", at: "/data/bill/businessId"),
        Sample(
            #"{"event":"E","data":{"item":{"business_id":"i"},"invoice":{"businessId":"v"}}}"#, "v",
            at: "/data/invoice/businessId"),
        // Values that are skipped: empty, null, of another kind, or with forbidden characters.
        Sample(#"{"event":"E","data":{"business_id":"","businessId":"b"}}"#, "b", at: "/data/businessId"),
        Sample(#"{"event":"E","data":{"business_id":null,"businessId":"b"}}"#, "b", at: "/data/businessId"),
        Sample(#"{"event":"E","data":{"business_id":true,"businessId":"b"}}"#, "b", at: "/data/businessId"),
        Sample(#"{"event":"E","data":{"business_id":["a"],"businessId":"b"}}"#, "b", at: "/data/businessId"),
        Sample(#"{"event":"E","data":{"business_id":"a\nb","businessId":"b"}}"#, "b", at: "/data/businessId"),
        Sample(
            "{\"event\":\"E\",\"data\":{\"business_id\":\"\u{9B}\",\"businessId\":\"b\"}}", "b", at: "/data/businessId"),
        Sample(#"{"event":"E","data":{"business_id":"\uffff"}}"#, nil, at: nil),
        // Numbers keep their digits.
        Sample(#"{"event":"E","data":{"business_id":123456}}"#, "123456", at: "/data/business_id"),
        Sample(
            #"{"event":"E","data":{"business_id":123456789012345678901234567890}}"#, "123456789012345678901234567890",
            at: "/data/business_id"),
        Sample(#"{"event":"E","data":{"business_id":1e400}}"#, "1e400", at: "/data/business_id"),
        Sample(#"{"event":"E","data":{"business_id":-0.10E+05 }}"#, "-0.10E+05", at: "/data/business_id"),
        // Escapes are replaced in strings and in names.
        Sample(
            #"{"event":"E","data":{"business_id":"a\/\u00e9\ud83d\ude00\"\\"}}"#, "a/é😀\"\\", at: "/data/business_id"),
        Sample(#"{"event":"E","d\u0061ta":{"business\u005fid":"acme"}}"#, "acme", at: "/data/business_id"),
        Sample(#"{"\u0065vent":"E","data":{"business_id":"../x"}}"#, "../x", at: "/data/business_id"),
        // The other pointers still count if `data` is not an object.
        Sample(#"{"event":"E","data":null,"business_id":"b"}"#, "b", at: "/business_id"),
        Sample(#"{"event":"E","data":[{"business_id":"a"}],"businessId":"b"}"#, "b", at: "/businessId"),
        Sample(#"{"event":"E"}"#, nil, at: nil),
        Sample(#"{"event":"SUBSCRIPTION_REQUEST","data":{}}"#, nil, at: nil),
        // The id of the entity itself is that of a business only in NEW_BUSINESS.
        Sample(#"{"event":"NEW_BUSINESS","data":{"id":"b"}}"#, "b", at: "/data/id"),
        Sample(#"{"data":{"id":"b"},"event":"NEW_BUSINESS"}"#, "b", at: "/data/id"),
        Sample(#"{"event":"NEW_BUSINESS","data":{"_id":"m","uuid":"u"}}"#, "u", at: "/data/uuid"),
        Sample(#"{"event":"NEW_BUSINESS","data":{"id":"b","business_uuid":"u"}}"#, "u", at: "/data/business_uuid"),
        Sample(#"{"event":"NEW_TRANSACTION_CREATED","data":{"id":"t","uuid":"u"}}"#, nil, at: nil),
    ])
    func findsTheBusiness(_ sample: Sample) throws {
        let payload = try PayloadReader(rules: PayloadRules()).read(Array(sample.body.utf8))
        #expect(payload.business == sample.business)
        #expect(payload.pointer == sample.pointer)
    }

    @Test(arguments: EventType.knownNames + ["SOMETHING_NEW", "é", "a\\u0062c", "with space", "\\ud83d\\ude00"])
    func acceptsAnyEventType(_ name: String) throws {
        let payload = try PayloadReader(rules: PayloadRules()).read(Array(#"{"event":"\#(name)","data":{}}"#.utf8))
        #expect(payload.type == ["a\\u0062c": "abc", "\\ud83d\\ude00": "😀"][name, default: name])
    }

    @Test func aRuleMayBeForSomeEventTypesOnly() throws {
        let reader = PayloadReader(
            rules: PayloadRules(business: [
                try BusinessRule("A,B:/x"), try BusinessRule("C:/y"), try BusinessRule("/y"), try BusinessRule("C:/x"),
            ]))
        func business(_ event: String, _ rest: String) throws -> String? {
            let payload = try reader.read(Array(#"{"event":"\#(event)",\#(rest)}"#.utf8))
            return payload.business.map { "\($0) at \(payload.pointer ?? "-")" }
        }
        #expect(try business("A", #""y":1,"x":2"#) == "2 at /x")
        #expect(try business("B", #""y":1,"x":"""#) == "1 at /y")
        #expect(try business("C", #""x":1,"y":2"#) == "2 at /y")
        #expect(try business("C", #""x":1"#) == "1 at /x")
        #expect(try business("D", #""x":1"#) == nil)
    }

    @Test(
        arguments: [
            ("/items/0/id", "1"), ("/items/2/id", "3"), ("/items/10", "k"), ("/items/01/id", nil), ("/items/-", nil),
            ("/items/3", nil), ("/map/0", "zero"), ("/map/01", "oh-one"), ("/map/-", "dash"), ("/a~1b/m~0n/", "odd"),
            ("/nested/1/1", "deep"), ("/items/99999999999999999999", nil), ("/nested/0", nil), ("/nested/2/0/0", "x"),
        ] as [(String, String?)])
    func pointersGoThroughArraysAndOddNames(_ pointer: String, _ expected: String?) throws {
        let body = #"""
            {"event":"E", "items":[{"id":1},{"id":2},{"id":3},null,4,5,6,7,8,9,"k"],
             "map":{"0":"zero","01":"oh-one","-":"dash"}, "a/b":{"m~n":{"":"odd"}}, "nested":[[],[0,"deep"],[["x"]]]}
            """#
        let reader = PayloadReader(rules: PayloadRules(business: [try BusinessRule(pointer)]))
        #expect(try reader.read(Array(body.utf8)).business == expected)
        #expect(try reader.probe(Array(body.utf8)) == [expected])
    }

    @Test func namesAreComparedByCodePoints() throws {
        // Swift's `String` considers these two equal.
        let reader = PayloadReader(
            rules: PayloadRules(business: [try BusinessRule("/e\u{301}"), try BusinessRule("/\u{E9}")]))
        let body = "{\"event\":\"E\",\"\u{E9}\":\"one\",\"e\u{301}\":\"two\"}"
        #expect(try reader.probe(Array(body.utf8)) == ["two", "one"])
    }

    @Test func readsTheSendersOwnID() throws {
        let reader = PayloadReader(rules: PayloadRules(senderID: try JSONPointer("/meta/id")))
        func id(_ value: String) throws -> String? {
            try reader.read(Array(#"{"event":"E","meta":{"id":\#(value)}}"#.utf8)).senderID
        }
        #expect(try id("\"msg_1\"") == "msg_1")
        #expect(try id("17") == "17")
        #expect(try id("\"\"") == nil)
        #expect(try id("\"a\\u0000\"") == nil)
        #expect(try id("null") == nil)
        #expect(try reader.read(Array(#"{"event":"E"}"#.utf8)).senderID == nil)
        // Several rules may have the same pointer.
        let both = PayloadReader(
            rules: PayloadRules(business: [try BusinessRule("/event")], senderID: try JSONPointer("/event")))
        #expect(
            try both.read(Array(#"{"event":"E"}"#.utf8))
                == Payload(type: "E", business: "E", pointer: "/event", senderID: "E"))
    }

    @Test(arguments: [
        ("{\"event\":\"E\"}", false), ("{\"event\":\"E\"}\n", true), ("\r{\"event\":\"E\"}", true),
        ("{\"event\":\n\"E\"}", true), ("{\t\"event\" : \"E\" }", false),
        ("{\"event\":\"E\",\"d\":\"\\n\\r\\u000a\"}", false),
        ("{\"event\":\"E\",\"d\":[1\r,2]}", true), ("{\"event\":\"E\",\"d\":[\n]}", true),
        ("{\"event\"\n:\"E\"}", true),
        ("{\"event\":\"E\",\"d\":\"\u{2028}\u{85}\"}", false),
    ])
    func seesLineBreaks(_ body: String, _ expected: Bool) throws {
        #expect(try PayloadReader(rules: PayloadRules()).read(Array(body.utf8)).hasLineBreak == expected)
    }

    @Test func probesEachRuleByItself() throws {
        let rules = PayloadRules()
        let body =
            #"{"event":"NEW_TRANSACTION_CREATED","business":7,"data":{"id":"t","business_id":"","business":"b"}}"#
        let found = try PayloadReader(rules: rules).probe(Array(body.utf8))
        let byPointer = zip(rules.business, found).compactMap { rule, value in value.map { "\(rule)=\($0)" } }
        #expect(found.count == rules.business.count)
        #expect(byPointer == ["/data/business=b", "/business=7"])
        #expect(throws: PayloadFault.self) { try PayloadReader(rules: rules).probe(Array("{}".utf8)) }
    }

    @Test func duplicateRulesAreAllowed() throws {
        let rule = try BusinessRule("/b")
        let reader = PayloadReader(rules: PayloadRules(business: [rule, rule]))
        #expect(try reader.probe(Array(#"{"event":"E","b":1}"#.utf8)) == ["1", "1"])
        #expect(try reader.read(Array(#"{"event":"E","b":1}"#.utf8)).business == "1")
        let none = PayloadReader(rules: PayloadRules(business: []))
        #expect(try none.read(Array(#"{"event":"E","business_id":1}"#.utf8)) == Payload(type: "E"))
    }
}
