internal import Mustache

/// Text within HTML, in an element or a quoted attribute.
///
/// It is escaped scalar by scalar: to Swift, a quote followed by a combining accent is one character other than a
/// quote, which swift-mustache's escaping would leave as it is. A browser sees the quote.
struct EscapedHTML: MustacheContentType {
    static let name = "DAYBOOK"

    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
