import Testing
import Webhooks

@Suite struct JSONPointerTests {
    // The examples of RFC 6901, section 5, and others.
    @Test(
        arguments: [
            ("", []), ("/foo", ["foo"]), ("/foo/0", ["foo", "0"]), ("/", [""]), ("/a~1b", ["a/b"]), ("/c%d", ["c%d"]),
            ("/e^f", ["e^f"]), ("/g|h", ["g|h"]), ("/i\\j", ["i\\j"]), ("/k\"l", ["k\"l"]), ("/ ", [" "]),
            ("/m~0n", ["m~n"]),
            ("/~01", ["~1"]), ("/~0~1~00", ["~/~0"]), ("//", ["", ""]), ("/é/ọ́", ["é", "ọ́"]), ("/a:b", ["a:b"]),
            ("/data/business_id", ["data", "business_id"]), ("/\u{301}", ["\u{301}"]),
        ] as [(String, [String])])
    func tokens(_ text: String, _ tokens: [String]) throws {
        let pointer = try JSONPointer(text)
        #expect(pointer.tokens == tokens)
        #expect(pointer.description == text)
        #expect(JSONPointer(tokens: tokens) == pointer)
    }

    @Test(arguments: ["foo", "data/business_id", "#/foo", " /a", "$.data", "~", "/~", "/a~", "/a~2", "/~~0", "/a/~x/b"])
    func rejects(_ text: String) {
        let error = #expect(throws: JSONPointerError.self) { try JSONPointer(text) }
        #expect(error?.description.contains("\"\(text)\" is not a JSON pointer: ") == true)
        #expect(error?.description.hasSuffix(".") == true)
    }

    @Test func equalityIsByCodePoints() throws {
        #expect(try JSONPointer("/\u{E9}") != JSONPointer("/e\u{301}"))
        #expect(try Set([JSONPointer("/\u{E9}"), JSONPointer("/e\u{301}"), JSONPointer("/\u{E9}")]).count == 2)
    }
}
