package import Foundation

/// A folder of its own for a test, taken away when the test lets go of it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "daybook-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func callAsFunction(_ relative: String) -> String { "\(path)/\(relative)" }

    package func write(_ bytes: some Sequence<UInt8>, to relative: String) throws {
        let url = URL(filePath: self(relative))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    package func read(_ relative: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: self(relative)))) }

    /// The paths of all regular files below a folder, from that folder on, sorted.
    package func files(below relative: String) throws -> [String] {
        var found: [String] = []
        guard let walker = FileManager.default.enumerator(atPath: self(relative)) else { return [] }
        for case let path as String in walker {
            var isFolder: ObjCBool = false
            FileManager.default.fileExists(atPath: "\(self(relative))/\(path)", isDirectory: &isFolder)
            if !isFolder.boolValue { found.append(path) }
        }
        return found.sorted()
    }
}
