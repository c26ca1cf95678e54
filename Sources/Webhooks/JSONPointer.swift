/// A place in a JSON document (RFC 6901), as `/data/business_id`.
///
/// Two pointers are equal where their texts are equal code point by code point: unlike `String`, which takes `é` and
/// `e` with a combining accent for the same, since to a JSON parser these are two names.
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// The text that the pointer was made from.
    package let description: String

    /// The names and array indexes on the way, unescaped: `/a~1b/0` is `["a/b", "0"]`, and the empty pointer, which is
    /// the whole document, is `[]`.
    package let tokens: [String]

    package init(_ text: String) throws(JSONPointerError) {
        func fault(_ cause: String, _ remedy: String) -> JSONPointerError {
            JSONPointerError(text: text, kind: "JSON pointer", cause: cause, remedy: remedy)
        }
        guard text.isEmpty || text.utf8.first == UInt8(ascii: "/") else {
            throw fault("it does not begin with a slash", "Write /data/business_id, say.")
        }
        var tokens: [String] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
            guard let token = Self.unescaped(part) else {
                throw fault("a ~ in it is not followed by 0 or 1", "Write ~0 for a tilde and ~1 for a slash in a name.")
            }
            tokens.append(token)
        }
        self.tokens = tokens
        description = text
    }

    /// The pointer along these names: every list of names has one.
    package init(tokens: [String]) {
        self.tokens = tokens
        description = tokens.map { "/" + String(decoding: Self.escaped($0.utf8), as: UTF8.self) }.joined()
    }

    /// RFC 6901, section 4: `~1` is a slash, `~0` a tilde, and no other `~` may stand. nil where one does.
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

    /// A name as it stands in a pointer.
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

/// A text that is no ``JSONPointer``, or no ``BusinessRule``.
package struct JSONPointerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// As it was given.
    package var text: String
    /// What it was to be: `JSON pointer`, `business rule`.
    package var kind: String
    package var cause: String
    /// What to do: a sentence.
    package var remedy: String

    package var description: String { "\"\(text)\" is not a \(kind): \(cause). \(remedy)" }
}
