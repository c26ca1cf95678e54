import Testing
import Webhooks

@Suite struct PayloadFaultTests {
    /// A payload that is not an event, with the code and offset of its fault.
    struct Bad: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var code: PayloadFault.Code
        var offset: Int

        init(_ text: String, _ code: PayloadFault.Code, _ offset: Int) {
            self.init(Array(text.utf8), code, offset)
        }

        init(_ bytes: [UInt8], _ code: PayloadFault.Code, _ offset: Int) {
            self.bytes = bytes
            self.code = code
            self.offset = offset
        }

        /// A payload with these bytes in a string. They begin at offset 18.
        static func within(_ bytes: [UInt8], _ code: PayloadFault.Code, _ offset: Int) -> Bad {
            Bad(Array(#"{"event":"E","d":""#.utf8) + bytes + Array("\"}".utf8), code, offset)
        }

        var testDescription: String { "\(code) at \(offset): \(String(decoding: bytes.prefix(60), as: UTF8.self))" }
    }

    private func expect(_ bad: Bad) {
        let reader = PayloadReader(rules: PayloadRules())
        let fault = #expect(throws: PayloadFault.self) { try reader.read(bad.bytes) }
        #expect(fault?.code == bad.code.rawValue, "\(fault?.reason ?? "")")
        #expect(fault?.offset == bad.offset, "\(fault?.reason ?? "")")
        guard let fault else { return }
        #expect(throws: fault) { try reader.probe(bad.bytes) }
        #expect(CloudEventsText.allows(fault.reason) && fault.reason.hasPrefix(fault.code + ": "))
    }

    @Test(arguments: [
        Bad("", .empty, 0), Bad(" \n", .empty, 2),
        Bad("\u{FEFF}{\"event\":\"E\"}", .byteOrderMark, 0), Bad("\u{FEFF}", .byteOrderMark, 0),
        Bad("{", .syntax, 1), Bad("}", .syntax, 0), Bad("x", .syntax, 0), Bad("{\"event\":\"E\"", .syntax, 12),
        Bad("{\"event\":\"E\",}", .syntax, 13), Bad("{\"event\":\"E\"]", .syntax, 12), Bad("{,}", .syntax, 1),
        Bad("{\"event\"}", .syntax, 8), Bad("{\"event\":}", .syntax, 9), Bad("{\"event\" \"E\"}", .syntax, 9),
        Bad("{event:1}", .syntax, 1), Bad("{'event':1}", .syntax, 1), Bad("{1:2}", .syntax, 1),
        Bad("{\"a\":1 \"b\":2}", .syntax, 7),
        Bad("{\"event\":\"E\"}x", .syntax, 13), Bad("{\"event\":\"E\"} {}", .syntax, 14),
        Bad("{\"event\":\"E\"}\0", .syntax, 13),
        Bad("{\"event\":\"E\"}}", .syntax, 13), Bad("\u{C}{}", .syntax, 0), Bad("\u{A0}{}", .syntax, 0),
        Bad("{\"a\":1}//", .syntax, 7),
        Bad("[1,]", .syntax, 3), Bad("[,1]", .syntax, 1), Bad("[1 2]", .syntax, 3), Bad("[1}", .syntax, 2),
        Bad("[", .syntax, 1),
        Bad("[1,,2]", .syntax, 3), Bad("{\"a\":1,,\"b\":2}", .syntax, 7), Bad("{\"a\"::1}", .syntax, 5),
        Bad("{\"", .syntax, 2),
        Bad("{\"a\":", .syntax, 5), Bad("{\"a\"", .syntax, 4), Bad("{\"a\":1,", .syntax, 7), Bad("[1,", .syntax, 3),
    ])
    func structure(_ bad: Bad) { expect(bad) }

    @Test(arguments: [
        ("01", 1), ("-", 1), ("-01", 2), ("+1", 0), (".5", 0), ("1.", 2), ("1.e5", 2), ("1e", 2), ("1e+", 3),
        ("1E-x", 3),
        ("0x10", 1), ("1_000", 1), ("--1", 1), ("1.2.3", 3), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1), ("nan", 1),
        ("tru", 3), ("True", 0), ("truE", 3), ("truex", 4), ("nul", 3), ("nulll", 4), ("falsy", 4), ("undefined", 0),
        ("١", 0), ("\u{FF11}", 0),
    ])
    func numbersAndLiterals(_ token: String, _ offset: Int) {
        expect(Bad("{\"event\":\"E\",\"d\":\(token)}", .syntax, 17 + offset))
        if offset < token.utf8.count || token.utf8.last.map({ $0 < 0x80 }) == true {
            expect(Bad(token, .syntax, offset))
        }
    }

    @Test(arguments: [
        Bad.within([0x0A], .syntax, 18), Bad.within([0x61, 0x09], .syntax, 19), Bad.within([0x00], .syntax, 18),
        Bad.within([0x1F], .syntax, 18), Bad.within(Array("12345678\u{1}".utf8), .syntax, 26),
        Bad.within(Array("\\x".utf8), .syntax, 18), Bad.within(Array("ab\\'".utf8), .syntax, 20),
        Bad.within(Array("\\U0041".utf8), .syntax, 18), Bad.within(Array("\\u12g4".utf8), .syntax, 18),
        Bad.within(Array("\\u 123".utf8), .syntax, 18), Bad.within([0x5C, 0x75, 0x10, 0x10, 0x10, 0x10], .syntax, 18),
        Bad("{\"event\":\"E", .syntax, 11), Bad("{\"event\":\"E\\", .syntax, 12),
        Bad("{\"event\":\"E\\\"}", .syntax, 14),
        Bad("{\"event\":\"E\\u12", .syntax, 15), Bad("{\"event\":\"E\\ud800\\u", .syntax, 19),
        Bad("\"\\u0041\\", .syntax, 8),
        Bad.within(Array("\\ud800".utf8), .loneSurrogate, 18), Bad.within(Array("\\udc00".utf8), .loneSurrogate, 18),
        Bad.within(Array("\\uDFFF\\uD800".utf8), .loneSurrogate, 18),
        Bad.within(Array("a\\uD800\\uD800".utf8), .loneSurrogate, 19),
        Bad.within(Array("\\ud83dx".utf8), .loneSurrogate, 18),
        Bad.within(Array("\\ud83d\\n".utf8), .loneSurrogate, 18),
        Bad.within(Array("\\ud83d\\u0041".utf8), .loneSurrogate, 18), Bad("{\"\\udead\":1}", .loneSurrogate, 2),
        Bad.within(Array("\\ud83d\\ude00\\ude00".utf8), .loneSurrogate, 30),
    ])
    func strings(_ bad: Bad) { expect(bad) }

    /// Invalid byte sequences (RFC 3629), with the offset of the fault from the first byte of the string.
    @Test(
        arguments: [
            ([0x80], 0), ([0xBF], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xC2], 0), ([0xC2, 0x41], 0),
            ([0xC2, 0xC2], 0),
            ([0xE0, 0x80, 0x80], 0), ([0xE0, 0x9F, 0xBF], 0), ([0xED, 0xA0, 0x80], 0), ([0xED, 0xBF, 0xBF], 0),
            ([0xE2, 0x82], 0), ([0xE2], 0), ([0xEF, 0xBF, 0x7F], 0), ([0xF0, 0x80, 0x80, 0x80], 0),
            ([0xF0, 0x8F, 0xBF, 0xBF], 0),
            ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xF8, 0x88, 0x80, 0x80, 0x80], 0),
            ([0xFF], 0), ([0xFE], 0),
            ([0xF0, 0x9F, 0x98], 0), ([0x41, 0xFF], 1), ([0xC3, 0xA9, 0xC3], 2),
            ([0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0xE9], 8),
        ] as [([UInt8], Int)])
    func utf8(_ bytes: [UInt8], _ offset: Int) {
        expect(.within(bytes, .notUTF8, 18 + offset))
        expect(Bad(Array("{\"".utf8) + bytes + Array("\":1}".utf8), .notUTF8, 2 + offset))
        // The text ends within the string.
        let cut = Array("[\"".utf8) + bytes
        #expect(throws: PayloadFault.self) { try PayloadReader(rules: PayloadRules()).read(cut) }
    }

    @Test(arguments: [
        Bad([0xFF, 0xFE, 0x7B, 0x00], .notUTF8, 0), Bad([0x7B, 0xE9], .notUTF8, 1),
        Bad([0x7B, 0x7D, 0xC3], .notUTF8, 2),
        Bad("{é:1}", .syntax, 1), Bad("{\"a\":é}", .syntax, 5), Bad("[1é]", .syntax, 2),
    ])
    func invalidCharactersOutsideStrings(_ bad: Bad) { expect(bad) }

    @Test(arguments: [
        Bad(#"{"event":"E","event":"E"}"#, .duplicateName, 13), Bad(#"{"a":1,"\u0061":2}"#, .duplicateName, 7),
        Bad(#"{"\u0061":1,"a":2}"#, .duplicateName, 12), Bad(#"{"\u0061":1,"\u0061":2}"#, .duplicateName, 12),
        Bad(#"{"":1,"":2}"#, .duplicateName, 6), Bad(#"{"d":{"x":1,"y":{"x":2},"x":3}}"#, .duplicateName, 24),
        Bad(#"[{"a":1},{"a":1,"b":{},"a":2}]"#, .duplicateName, 23), Bad(#"{"\/":1,"/":2}"#, .duplicateName, 8),
        Bad(#"{"a long name of many bytes":1,"a long name of many bytes":2}"#, .duplicateName, 31),
        Bad("{\"é\":1,\"\\u00e9\":2}", .duplicateName, 8), Bad(#"{"\ud83d\ude00":1,"😀":2}"#, .duplicateName, 18),
        // Only the first fault is reported.
        Bad(#"{"a":1,"a":2,}"#, .duplicateName, 7), Bad(#"{"a":01,"a":2}"#, .syntax, 6),
    ])
    func duplicateNames(_ bad: Bad) { expect(bad) }

    @Test func theReasonNamesLocationAndCause() throws {
        let reader = PayloadReader(rules: PayloadRules())
        func reason(_ body: String) -> String {
            do throws(PayloadFault) {
                _ = try reader.read(Array(body.utf8))
                return "none"
            } catch {
                return error.reason
            }
        }
        #expect(
            reason(#"{"event":"E","data":{"items":[{},{"a/b":1,"a/b":2}]}}"#)
                == #"duplicate-name: two members are named "a/b" at "/data/items/1""#)
        #expect(reason(#"{"a":1,"a":2}"#) == #"duplicate-name: two members are named "a" in the top value"#)
        #expect(reason(#"{"a":{"b~":[0,x]}}"#) == #"syntax: "x" where a value was expected at "/a/b~0/1""#)
        #expect(reason(#"{"a":{"b":1"#) == #"syntax: the payload ends where a comma or } was expected at "/a""#)
        #expect(
            reason(#"{"a":["\ud800"]}"#) == #"lone-surrogate: \ud800 is half of a surrogate pair at "/a/0""#)
        #expect(
            reason("{\"a\":{\"b\u{1}") == #"syntax: U+0001 is not escaped in a string in a member's name at "/a""#)
        #expect(reason("[]") == "not-an-object: the top value is an array, not an object")
        #expect(reason(#"{"event":7}"#) == #"event-not-a-string: the value at "/event" is a number, not a string"#)
        // No control character of a hostile payload reaches a terminal, and little of it reaches a ledger.
        #expect(reason("{\"\u{9B}31m\":1,\"\u{9B}31m\":2}").contains(#"two members are named "U+009B31m""#))
        let long = String(repeating: "n", count: 100_000)
        #expect(reason("{\"\(long)\":{\"\(long)\":x}}").utf8.count < 400)
    }

    @Test(arguments: [
        Bad("[]", .notAnObject, 0), Bad(" \"E\"", .notAnObject, 1), Bad("12", .notAnObject, 0),
        Bad("null", .notAnObject, 0),
        Bad("[{\"event\":\"E\"}]", .notAnObject, 0), Bad(" true ", .notAnObject, 1),
        Bad("{}", .noEvent, 0), Bad("\n{\"data\":{\"event\":\"E\"}}", .noEvent, 1),
        Bad("{\"Event\":\"E\"}", .noEvent, 0),
        Bad("{\"event\":null}", .eventNotAString, 9), Bad("{\"event\": {\"event\":\"E\"}}", .eventNotAString, 10),
        Bad("{\"event\":1}", .eventNotAString, 9), Bad("{\"event\":[\"E\"]}", .eventNotAString, 9),
        Bad("{\"event\":false}", .eventNotAString, 9), Bad("{\"event\":\"\"}", .eventEmpty, 9),
        Bad("{\"event\":\"a\\nb\"}", .eventForbiddenCharacter, 9),
        Bad("{\"event\":\"\u{7F}\"}", .eventForbiddenCharacter, 9),
        Bad("{\"event\":\"\u{85}\"}", .eventForbiddenCharacter, 9),
        Bad("{\"event\":\"\\ufdd0\"}", .eventForbiddenCharacter, 9),
        Bad("{\"event\":\"\\udbff\\udfff\"}", .eventForbiddenCharacter, 9),
        // A syntax fault takes precedence.
        Bad("{\"event\":1}x", .syntax, 11), Bad("[{]", .syntax, 2),
    ])
    func validJSONThatIsNotAnEvent(_ bad: Bad) { expect(bad) }

    @Test func nesting() throws {
        let reader = PayloadReader(rules: PayloadRules())
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array(
                ("{\"event\":\"E\",\"d\":" + String(repeating: open, count: depth) + "0"
                    + String(repeating: close, count: depth) + "}").utf8)
        }
        #expect(PayloadReader.maximumDepth == 512)
        #expect(throws: Never.self) { try reader.read(nested(200, "[", "]")) }
        #expect(throws: Never.self) { try reader.read(nested(511, "[", "]")) }
        #expect(throws: Never.self) { try reader.read(nested(511, "{\"a\":", "}")) }
        expect(Bad(nested(512, "[", "]"), .tooDeep, 17 + 511))
        expect(Bad(nested(512, "{\"a\":", "}"), .tooDeep, 17 + 511 * 5))
        expect(Bad([UInt8](repeating: UInt8(ascii: "["), count: 100_000), .tooDeep, 512))
        // Only objects and arrays that are open at the same time count.
        let wide = "{\"event\":\"E\",\"d\":[" + [String](repeating: "[[]]", count: 2000).joined(separator: ",") + "]}"
        #expect(throws: Never.self) { try reader.read(Array(wide.utf8)) }
    }

    @Test func codesAreStable() {
        #expect(
            PayloadFault.Code.allCases.map(\.rawValue) == [
                "empty", "byte-order-mark", "not-utf8", "syntax", "duplicate-name", "lone-surrogate", "too-deep",
                "not-an-object", "no-event", "event-not-a-string", "event-empty", "event-forbidden-character",
            ])
    }
}
