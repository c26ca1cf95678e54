/// A reference to a value in a JSON document (RFC 6901), for example `/data/business_id`.
///
/// Two pointers are equal if their texts have the same code points. (`String` compares by canonical equivalence: to it,
/// `é` and `e` with a combining accent are equal. In JSON they are two names.)
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// The textual form of the pointer.
    package let description: String

    /// The names and array indexes that lead to the value, unescaped.
    ///
    /// For example, `/a~1b/0` has the tokens `["a/b", "0"]`. The empty pointer, which refers to the whole document, has
    /// none.
    package let tokens: [String]

    /// Parses the textual form.
    package init(_ text: String) throws(JSONPointerError) {
        func error(_ cause: String, _ remedy: String) -> JSONPointerError {
            JSONPointerError(text: text, kind: "JSON pointer", cause: cause, remedy: remedy)
        }
        guard text.isEmpty || text.utf8.first == UInt8(ascii: "/") else {
            throw error("it does not begin with a slash", "Write for example /data/business_id.")
        }
        var tokens: [String] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
            guard let token = Self.unescaped(part) else {
                throw error("a ~ in it is not followed by 0 or 1", "Write ~0 for a tilde and ~1 for a slash in a name.")
            }
            tokens.append(token)
        }
        self.tokens = tokens
        description = text
    }

    /// Creates the pointer with these tokens. Every list of tokens has one.
    package init(tokens: [String]) {
        self.tokens = tokens
        description = tokens.map { "/" + String(decoding: Self.escaped($0.utf8), as: UTF8.self) }.joined()
    }

    /// Replaces `~1` by a slash and `~0` by a tilde (RFC 6901, section 4). Returns `nil` if there is any other `~`.
    private static func unescaped(_ token: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(token.count)
        var rest = token.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch rest.next() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Replaces the tildes and slashes of a name by their escapes.
    static func escaped(_ token: some Sequence<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in token {
            switch byte {
            case UInt8(ascii: "~"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "0")]
            case UInt8(ascii: "/"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "1")]
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    package static func == (a: Self, b: Self) -> Bool { a.description.utf8.elementsEqual(b.description.utf8) }
    package func hash(into hasher: inout Hasher) { for byte in description.utf8 { hasher.combine(byte) } }
}
