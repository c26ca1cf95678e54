internal import Foundation

/// Reads a list from a file that a flag names.
package enum TextFile {
    /// Returns the lines that are not empty, each with its number, starting at 1.
    ///
    /// - Parameter path: The file, in UTF-8; `-` is stdin.
    /// - Throws: ``Failure`` if it cannot be read, is not UTF-8, or has no such line: a list of nothing would select
    ///   everything.
    package static func lines(of path: String) throws -> [(number: Int, line: String)] {
        let data: Data
        do {
            // (`Data(contentsOf:)` reads no pipe, such as a shell's process substitution.)
            let file = path == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
            data = try file.readToEnd() ?? Data()
        } catch {
            throw Failure(.noInput, "cannot read \(path): \(error.localizedDescription)")
        }
        guard let text = String(validating: data, as: UTF8.self) else { throw Failure(.data, "\(path) is not UTF-8") }
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let found = lines.enumerated().map { ($0 + 1, String($1)) }.filter { !$1.isEmpty }
        guard !found.isEmpty else { throw Failure(.data, "\(path) is empty, which would select everything") }
        return found
    }
}
