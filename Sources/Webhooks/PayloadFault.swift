/// Why a payload cannot become an event: the first fault in it, by place.
package struct PayloadFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// One of ``Code``'s values: kebab case, and the same in every release.
    package var code: String
    /// A sentence that names place and cause. What it quotes from the payload is cut at 200 characters, and holds no
    /// control character.
    package var detail: String
    /// Bytes from the payload's start to the first that is wrong; the payload's length, where something is missing
    /// there.
    package var offset: Int

    /// As it stands in a ledger.
    package var reason: String { "\(code): \(detail)" }
    package var description: String { "\(reason) (byte \(offset))" }

    package enum Code: String, CaseIterable, Sendable {
        /// Nothing but white space.
        case empty
        /// EF BB BF at the start: RFC 8259, section 8.1.
        case byteOrderMark = "byte-order-mark"
        /// Bytes that are no UTF-8 (RFC 3629): cut short, overlong, a surrogate, above U+10FFFF.
        case notUTF8 = "not-utf8"
        case syntax
        /// Two members of one object with one name, after unescaping: readers differ in which of them they take.
        case duplicateName = "duplicate-name"
        /// Half a pair in `\u` escapes: no UTF-8 can say it, so readers refuse or replace it.
        case loneSurrogate = "lone-surrogate"
        case tooDeep = "too-deep"

        // What follows is of valid JSON that is no event.
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

    /// Text of the payload in quotes for a `detail`.
    static func quoted(_ bytes: some Sequence<UInt8>) -> String {
        let limit = 200
        // Four bytes a scalar at most: what lies further back cannot show.
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

    /// As `U+009B`.
    static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
