import Foundation
import TestSupport
import Testing

/// The first block of code in a section of a page.
struct PageExample: CustomTestStringConvertible {
    /// The title of the section.
    let section: String
    /// The language of the code.
    let language: String
    let code: String

    var testDescription: String { section }

    /// Returns the examples of a page of the package, by section.
    static func all(of page: String) -> [PageExample] {
        let text = (try? String(contentsOf: URL(filePath: "\(packageFolder)/\(page)"), encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n## ").dropFirst().compactMap { section in
            let parts = section.components(separatedBy: "```")
            guard parts.count > 1, let end = parts[1].firstIndex(of: "\n") else { return nil }
            return PageExample(
                section: String(section.prefix { $0 != "\n" }), language: String(parts[1][..<end]),
                code: String(parts[1][end...].dropFirst()))
        }
    }
}
