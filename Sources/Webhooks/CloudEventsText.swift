/// The text that CloudEvents 1.0 allows in a string (its type system, "String"): all Unicode scalars except U+0000 to
/// U+001F, U+007F to U+009F, and the noncharacters.
package enum CloudEventsText {
    package static func allows(_ text: String) -> Bool {
        firstForbidden(in: text) == nil
    }

    static func firstForbidden(in text: String) -> Unicode.Scalar? {
        // Nearly all text is ASCII, which a check of its bytes shows.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return nil }
        return text.unicodeScalars.first(where: isForbidden)
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: true
        case let value: value & 0xFFFE == 0xFFFE
        }
    }
}
