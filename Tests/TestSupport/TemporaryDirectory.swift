internal import Foundation
internal import Synchronization

/// A folder of its own for a test, taken away when the test lets go of it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// - Parameter isInMemory: for what syncs so often that a disk would make the tests slow: where the machine has a
    ///   filesystem in memory, the folder lies there.
    package init(inMemory isInMemory: Bool = false) throws {
        let memory = "/dev/shm"
        let place =
            isInMemory && FileManager.default.isWritableFile(atPath: memory)
            ? URL(filePath: memory) : FileManager.default.temporaryDirectory
        path = place.appending(path: "daybook-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        _ = Self.standing.withLock { [path] in $0.insert(path) }
        _ = Self.removalAtExit
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        _ = Self.standing.withLock { [path] in $0.remove(path) }
    }

    private static let standing = Mutex<Set<String>>([])

    /// What a static property holds is never let go of.
    private static let removalAtExit = atexit {
        for path in standing.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    package func callAsFunction(_ relative: String) -> String { "\(path)/\(relative)" }

    package func write(_ bytes: some Sequence<UInt8>, to relative: String) throws {
        let url = URL(filePath: self(relative))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    package func read(_ relative: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: self(relative))))
    }

    /// The paths of all regular files below a folder, from that folder on, sorted.
    package func files(below relative: String) throws -> [String] {
        var found: [String] = []
        guard let walker = FileManager.default.enumerator(atPath: self(relative)) else { return [] }
        for case let path as String in walker {
            if walker.fileAttributes?[.type] as? FileAttributeType == .typeRegular { found.append(path) }
        }
        return found.sorted()
    }
}
