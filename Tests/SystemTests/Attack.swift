import Testing

/// What someone does to what an auditor relies on, and by what it is found.
struct Attack: CustomTestStringConvertible, Sendable {
    let name: String
    /// A part of what is said when it is found; several, any of which will do, with `|` between them.
    let finding: String
    /// Run by sh, in the folder that is attacked.
    let script: String

    var testDescription: String { name }

    func isFound(in text: String) -> Bool { finding.split(separator: "|").contains { text.contains($0) } }
}
