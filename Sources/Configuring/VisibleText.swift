/// Untrusted text made safe to show on a terminal or a page.
///
/// A payload's text must not move the cursor, end a line, or reverse the direction of the text beside it. So every
/// control, format, line separator, or paragraph separator character (Unicode general categories Cc, Cf, Zl, and Zp) is
/// replaced.
package enum VisibleText {
    /// Returns the text on one line, with U+FFFD in place of each invisible character, including line ends.
    package static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isInvisible($0) ? "\u{FFFD}" : $0 }))
    }

    /// Returns the text with U+FFFD in place of each invisible character except LF and tab.
    package static func block(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0 != "\n" && $0 != "\t" && isInvisible($0) ? "\u{FFFD}" : $0 }))
    }

    /// Returns the text in double quotes, with each quote, backslash, and character that has no agreed glyph escaped as
    /// in a Swift string literal, so that different texts always look different.
    package static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            if isInvisible(scalar) || isUnassigned(scalar) { return "\\u{\(String(scalar.value, radix: 16))}" }
            return scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : "\(scalar)"
        }
        return "\"\(escaped.joined())\""
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private static func isUnassigned(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .privateUse, .unassigned: true
        default: false
        }
    }
}
