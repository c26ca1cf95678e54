internal import Foundation
internal import Hummingbird

/// The fields of a query or a form (`application/x-www-form-urlencoded`).
struct FormFields {
    private let values: [String: String]

    /// Text that is not a form, or has two fields of the same name, results in no fields.
    init(_ text: String) {
        values = (try? URLEncodedFormDecoder().decode([String: String].self, from: text)) ?? [:]
    }

    /// Returns `nil` if the field is absent or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Escapes text for a query.
    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.intersection(.init(charactersIn: "\u{0}"..."\u{7f}")))
            ?? ""
    }
}
