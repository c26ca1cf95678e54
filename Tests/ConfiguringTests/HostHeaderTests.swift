import Testing

@testable import Configuring

@Suite struct HostHeaderTests {
    @Test(arguments: [
        "x", "example.com", "example.com:8080", "example.com:", "127.0.0.1:1", "[::1]", "[::1]:8080",
        "[v1.fe80::a+en1]",
        "a-b_c~d", "%41bc", "xn--bcher-kva.example", "sub$delims!&'()*+,;=",
    ])
    func anAuthorityIsValid(_ value: String) { #expect(HostHeader.isValid(value)) }

    @Test(arguments: [
        "", ":80", "a b", "a/b", "http://a", "user@a", "a:b", "a:80:90", "a:99999", "[::1", "[]", "[1]", "[::1]x",
        "[::g]",
        "[v.a]", "a%4", "a%zz", "a?b", "a#b", "a\"b", "caf\u{e9}", "a,b c", "a\\b", "a\0b",
    ])
    func anythingElseIsNot(_ value: String) { #expect(!HostHeader.isValid(value)) }
}
