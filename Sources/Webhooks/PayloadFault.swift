/// The reason why a payload cannot become an event: the first fault in it.
package struct PayloadFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The raw value of a ``Code``. It is the same in every release.
    package var code: String
    /// A sentence with the location and the cause. Quotations from the payload are cut at 200 characters and contain no
    /// control characters.
    package var detail: String
    /// The offset of the first wrong byte, or the length of the payload if something is missing at its end.
    package var offset: Int

    /// The reason as the ledger records it.
    package var reason: String { "\(code): \(detail)" }
    package var description: String { "\(reason) (byte \(offset))" }

    package enum Code: String, CaseIterable, Sendable {
        /// The payload has no bytes except white space.
        case empty
        /// The payload begins with EF BB BF (RFC 8259, section 8.1).
        case byteOrderMark = "byte-order-mark"
        /// The payload is not valid UTF-8 (RFC 3629): a character is incomplete, overlong, a surrogate, or above
        /// U+10FFFF.
        case notUTF8 = "not-utf8"
        case syntax
        /// Two members of one object have the same name after unescaping. Readers differ in which one they use.
        case duplicateName = "duplicate-name"
        /// A `\u` escape is half of a surrogate pair. UTF-8 cannot encode it, so readers refuse or replace it.
        case loneSurrogate = "lone-surrogate"
        case tooDeep = "too-deep"

        // The payload is valid JSON, but not an event.
        case notAnObject = "not-an-object"
        case noEvent = "no-event"
        case eventNotAString = "event-not-a-string"
        case eventEmpty = "event-empty"
        case eventForbiddenCharacter = "event-forbidden-character"
    }

    init(_ code: Code, at offset: Int, _ detail: String) {
        self.code = code.rawValue
        self.detail = detail
        self.offset = offset
    }

    /// Quotes text of the payload for a `detail`.
    static func quoted(_ bytes: some Sequence<UInt8>) -> String {
        let limit = 200
        // A scalar has at most four bytes, so later bytes cannot be among the quoted characters.
        let text = String(decoding: Array(bytes.prefix(4 * limit + 4)), as: UTF8.self)
        var quoted = "\""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < limit else {
                quoted += "…"
                break
            }
            if CloudEventsText.firstForbidden(in: String(scalar)) == nil {
                quoted.unicodeScalars.append(scalar)
            } else {
                quoted += codePoint(scalar)
            }
        }
        return quoted + "\""
    }

    /// Returns the code point of a scalar, for example `U+009B`.
    static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
