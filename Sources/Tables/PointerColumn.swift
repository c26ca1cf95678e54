package import Webhooks

/// A column with the values that a JSON pointer leads to in the payloads: `<name> <type> <pointer>`, such as
/// `amount decimal(18,2) /data/amount`.
package struct PointerColumn: Equatable, Sendable, CustomStringConvertible {
    package let name: String
    package let type: ColumnType
    package let pointer: JSONPointer

    /// - Throws: ``JSONPointerError``, also if the name or the type is wrong.
    package init(_ text: String) throws(JSONPointerError) {
        func error(_ cause: String) -> JSONPointerError {
            JSONPointerError(
                text: text, kind: "column", cause: cause,
                remedy: "Write a name, a type, and a JSON pointer, such as 'amount decimal(18,2) /data/amount'.")
        }
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { throw error("it has no JSON pointer") }
        let words = text[..<slash].split(separator: " ", maxSplits: 1)
        guard let name = words.first, name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]{0,62}/) != nil else {
            throw error("its name is not of up to 63 letters, digits, and underscores, and a digit is not first")
        }
        // As in SQL, spaces and capitals do not matter.
        let type = words.dropFirst().joined().filter { $0 != " " }.lowercased()
        guard let type = ColumnType(type) else {
            throw error(
                type.isEmpty
                    ? "it has no type"
                    : "\"\(type)\" is not a type: \(ColumnType.forms), where P is 1 to 38 and S up to P")
        }
        self.name = String(name)
        self.type = type
        pointer = try JSONPointer(String(text[slash...]))
    }

    package var description: String { "\(name) \(type) \(pointer)" }
}
