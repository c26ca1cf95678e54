internal import Foundation

/// The fields of a query or of a form (`application/x-www-form-urlencoded`).
struct FormFields {
    private let values: [String: String]

    /// What does not read as UTF-8 is left out; of a duplicate name, the first counts.
    init(_ text: some StringProtocol) {
        var values: [String: String] = [:]
        for field in text.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = Self.decoded(parts.count == 2 ? parts[1] : "") else {
                continue
            }
            values[name] = values[name] ?? value
        }
        self.values = values
    }

    /// nil where it is absent or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func decoded(_ text: some StringProtocol) -> String? {
        String(text).replacing("+", with: " ").removingPercentEncoding
    }

    /// Text as it is written in a query.
    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.intersection(.init(charactersIn: "\u{0}"..."\u{7f}")))
            ?? ""
    }
}
