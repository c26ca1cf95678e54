/// Text that others wrote, so that it can neither move what stands beside it nor turn its direction.
enum ShownText {
    /// With U+FFFD in place of all that does not show, line ends included.
    static func line(_ text: String) -> String { String(String.UnicodeScalarView(text.unicodeScalars.map(visible))) }

    /// The same, but LF and tab stay.
    static func block(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0 == "\n" || $0 == "\t" ? $0 : visible($0) }))
    }

    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
        default: scalar
        }
    }
}
