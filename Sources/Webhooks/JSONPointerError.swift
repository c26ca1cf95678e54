/// A text that cannot be parsed as a ``JSONPointer`` or a ``BusinessRule``.
package struct JSONPointerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    package var text: String
    /// What the text should be, such as `JSON pointer` or `business rule`.
    package var kind: String
    package var cause: String
    /// A sentence that says how to correct the text.
    package var remedy: String

    package init(text: String, kind: String, cause: String, remedy: String) {
        self.text = text
        self.kind = kind
        self.cause = cause
        self.remedy = remedy
    }

    package var description: String { "\"\(text)\" is not a \(kind): \(cause). \(remedy)" }
}
