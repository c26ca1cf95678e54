/// A text that cannot be parsed as a ``PayloadCondition``.
package struct PayloadConditionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    package var text: String
    /// Where it is wrong: the number of characters before that place.
    package var offset: Int
    package var cause: String

    /// The cause, the text, and below it a mark at the character.
    package var description: String {
        "the condition is wrong at character \(offset + 1): \(cause)\n  \(text)\n  \(String(repeating: " ", count: offset))^"
    }
}
