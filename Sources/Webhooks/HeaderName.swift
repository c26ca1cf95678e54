/// The names of HTTP headers.
package enum HeaderName {
    /// Returns whether a text is a token (RFC 9110, section 5.6.2), as the name of a header has to be.
    package static func isValid(_ name: String) -> Bool { !name.isEmpty && name.utf8.allSatisfy(isTokenCharacter) }

    private static func isTokenCharacter(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(character)
        }
    }
}
