import Testing
import Webhooks

/// Payloads that are constructed to be slow, large or unusual.
///
/// Time must be linear in the size. Quadratic time would be many minutes for these sizes, so the limits suit any machine
/// and any build.
@Suite struct HostilePayloadTests {
    private static let limit = Duration.seconds(60)

    private func read(_ bytes: [UInt8]) -> Result<Payload, PayloadFault> {
        let clock = ContinuousClock()
        let start = clock.now
        defer { #expect(clock.now - start < Self.limit) }
        do throws(PayloadFault) {
            return .success(try PayloadReader(rules: PayloadRules()).read(bytes))
        } catch {
            return .failure(error)
        }
    }

    private func event(_ members: [String]) -> [UInt8] {
        Array(("{\"event\":\"E\"," + members.joined(separator: ",") + "}").utf8)
    }

    private func code(_ result: Result<Payload, PayloadFault>) -> String? {
        if case .failure(let fault) = result { fault.code } else { nil }
    }

    @Test(arguments: ["[", "{\"a\":", "[[{\"a\":["])
    func nestedWithoutEnd(_ open: String) {
        let bytes = Array(String(repeating: open, count: 2_000_000 / open.utf8.count).utf8)
        #expect(code(read(bytes)) == "too-deep")
    }

    @Test func manyMembers() {
        let members = (0..<100_000).map { "\"k\($0)\":\($0)" }
        #expect(code(read(event(members))) == nil)
        let double = event(members + ["\"k50000\":0"])
        guard case .failure(let fault) = read(double) else {
            Issue.record("a duplicate name was accepted")
            return
        }
        #expect(fault.reason == "duplicate-name: two members are named \"k50000\" in the top value")
        #expect(fault.offset == double.count - "\"k50000\":0}".utf8.count)
        let escaped = event(members + ["\"\\u006b99999\":0"])
        #expect(code(read(escaped)) == "duplicate-name")
        let event = event(members + ["\"event\":0"])
        #expect(code(read(event)) == "duplicate-name")
    }

    /// The number of names above which they are hashed is among these.
    @Test(arguments: 28...36)
    func memberCountsAroundTheLimitOfComparing(_ count: Int) {
        let members = (0..<count).map { "\"\($0)\":{\"\($0)\":0}" }
        #expect(code(read(event(members))) == nil)
        for double in [0, 1, count / 2, count - 1] {
            #expect(code(read(event(members + ["\"\(double)\":0"]))) == "duplicate-name")
            // The same name with its first digit as an escape.
            let escaped = "\\u003\(double < 10 ? double : double / 10)" + (double < 10 ? "" : String(double % 10))
            #expect(code(read(event(members + ["\"\(escaped)\":0"]))) == "duplicate-name")
        }
        #expect(code(read(event(["\"\\u0030\":0"] + members))) == "duplicate-name")
        // Nested large objects have separate sets of names.
        let inner = "{" + members.joined(separator: ",") + ",\"in\":{" + members.joined(separator: ",") + "}}"
        #expect(code(read(event(members + ["\"in\":\(inner)", "\"more\":\(inner)"]))) == nil)
        #expect(code(read(event(members + ["\"in\":\(inner)", "\"in\":0"]))) == "duplicate-name")
    }

    /// Names with the same length, beginning and end, which are all that the fast comparison uses.
    @Test(arguments: ["x", "\\u0041", "é"])
    func similarNames(_ filler: String) {
        let long = String(repeating: filler, count: 20_000)
        let members = (10..<60).map { "\"beginning\(long)\($0)\(long)the end of it\":0" }
        #expect(code(read(event(members))) == nil)
        #expect(code(read(event(members + [members[7]]))) == "duplicate-name")
    }

    /// The same for the names of pointers.
    @Test func aSimilarNameDoesNotMatchAPointer() throws {
        let reader = PayloadReader(rules: PayloadRules(business: [try BusinessRule("/beginning, a, the end of it")]))
        let body = #"{"event":"E","beginning, b, the end of it":1}"#
        #expect(try reader.read(Array(body.utf8)).business == nil)
        let both = #"{"event":"E","beginning, b, the end of it":1,"beginning, a, the end of it":2}"#
        #expect(try reader.read(Array(both.utf8)).business == "2")
    }

    @Test func longTokens() {
        let size = 1 << 21
        for filler in ["a", "\\n", "\\ud83d\\ude00", "ọ́", "漢", "😀"] {
            let text = String(repeating: filler, count: size / filler.utf8.count)
            #expect(code(read(event(["\"d\":\"\(text)\""]))) == nil)
            #expect(code(read(event(["\"d\":\"\(text)"]))) == "syntax")
            #expect(code(read(event(["\"\(text)\":0"]))) == nil)
        }
        #expect(code(read(event(["\"d\":" + String(repeating: "9", count: size)]))) == nil)
        #expect(code(read(event(["\"d\":" + String(repeating: " ", count: size) + "0"]))) == nil)
        #expect(code(read(event(["\"d\":[" + String(repeating: "0,", count: size / 2) + "0]"]))) == nil)
        #expect(code(read(event(["\"d\":[" + String(repeating: "{},", count: size / 3) + "{\"a\":1}]"]))) == nil)
    }

    @Test func aLongBusinessIsReadWhole() throws {
        let id = String(repeating: "0123456789", count: 100_000)
        let payload = try read(event(["\"business_id\":\"\(id)\""])).get()
        #expect(payload.business == id)
        #expect(try read(event(["\"business_id\":\(id.dropFirst())"])).get().business == String(id.dropFirst()))
    }

    @Test func ignoredMembersMayBeFarApart() throws {
        let spaces = String(repeating: " ", count: 50_000)
        let body = "{\"a\":1\(spaces),\(spaces)\"event\":\"E\"\(spaces),\(spaces)\"b\":2\(spaces)}"
        let rest = "{\(spaces)\(spaces)\"event\":\"E\"\(spaces)\(spaces)\(spaces)}"
        let ignoring = [try JSONPointer("/a"), try JSONPointer("/b")]
        let payload = try PayloadReader(rules: PayloadRules(ignoring: ignoring)).read(Array(body.utf8))
        #expect(payload.reducedHash == ContentHash(of: Array(rest.utf8)))
    }

    /// Every proper prefix of a payload is invalid.
    @Test func everyTruncatedPayloadIsRejected() {
        let body = Array(
            #"{"event":"E","d":[1.5e3,true,null,"é\u00e9\ud83d\ude00",{"a":{}}],"long name":"12345678"}"#.utf8)
        for end in body.indices {
            let fault = #expect(throws: PayloadFault.self) {
                try PayloadReader(rules: PayloadRules()).read(Array(body[..<end]))
            }
            #expect(fault.map { $0.offset <= end } == true)
        }
    }
}
