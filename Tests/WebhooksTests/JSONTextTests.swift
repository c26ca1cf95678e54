import Testing
import Webhooks

@Suite struct JSONTextTests {
    @Test(arguments: [
        ("", "\"\""), ("abc", "\"abc\""), ("a\"b\\c/d", #""a\"b\\c/d""#),
        ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
        ("\0\u{1}\u{B}\u{1F}", #""\u0000\u0001\u000B\u001F""#), ("\u{7F}\u{80}\u{2028}", "\"\u{7F}\u{80}\u{2028}\""),
        ("é ọ́ 😀", "\"é ọ́ 😀\""), ("\r\n", #""\r\n""#),
    ])
    func quotes(_ text: String, _ expected: String) throws {
        var bytes = Array("x".utf8)
        JSONText.appendQuoted(text, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x" + expected)
        try JSONText.validate(Array(bytes.dropFirst()))
    }

    @Test(arguments: [
        ("{}", "{}"), (" { } \n", "{}"), ("[ 1 ,\t2\r\n]", "[1,2]"),
        (#"{ "a b" : "c \" : d" }"#, #"{"a b":"c \" : d"}"#),
        (#"[ "\\" , "\\\" " ]"#, #"["\\","\\\" "]"#), ("\"  \"", "\"  \""), ("[1e400, -0.0 ]", "[1e400,-0.0]"),
        ("{\"é\" : \"\u{A0}\u{2028}\"}", "{\"é\":\"\u{A0}\u{2028}\"}"), ("", ""),
    ])
    func minifies(_ text: String, _ expected: String) {
        #expect(String(decoding: JSONText.minified(Array(text.utf8)), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "null", " true ", "false", "0", "-0", "-0.0e-0", "1E400", "\"\"", "[]", "{}", "[[],{}]", "{\"\":{\"\":[]}}",
        "123456789012345678901234567890.123456789", "\"\\ud83d\\ude00\\/\\b\"", "[\n]", "{\r\n}",
        "\"\u{7F}\u{80}\u{10FFFD}\"",
        "[{\"a\":1},{\"a\":2}]", "{\"a\":{\"a\":{\"a\":1}}}", "{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"a\":1,\"A\":2}",
    ])
    func validates(_ text: String) {
        #expect(throws: Never.self) { try JSONText.validate(Array(text.utf8)) }
    }

    @Test func theCallerLimitsTheNesting() throws {
        func code(_ text: String, _ nesting: Int) -> String? {
            do throws(PayloadFault) {
                try JSONText.validate(Array(text.utf8), nesting: nesting)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code("1", 0) == nil)
        #expect(code("[]", 0) == "too-deep")
        #expect(code("[[],{}]", 2) == nil)
        #expect(code("[[],{\"a\":[]}]", 2) == "too-deep")
        #expect(code(String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000), 5000) == nil)
    }

    /// The bytes after the given range are not part of the text.
    @Test func doesNotReadPastTheEnd() {
        for text in ["[1,2]", "\"abcdefgh\"", "{\"abcdefghi\":true}", "[\"\u{E9}\"]", "[12345678]"] {
            let bytes = Array(text.utf8) + Array("\"]}1234567890\"]}".utf8)
            for end in 0..<text.utf8.count {
                bytes.withUnsafeBytes { raw in
                    _ = #expect(throws: PayloadFault.self) {
                        try JSONText.validate(UnsafeRawBufferPointer(rebasing: raw[..<end]))
                    }
                }
            }
        }
    }
}
