internal import Foundation
internal import Glibc

/// The bytes of every file below a folder, by path.
package struct Tree: Equatable, Sendable {
    package private(set) var files: [String: [UInt8]] = [:]

    /// - Parameter isLeftOut: says of a path whether it does not count.
    package init(
        _ folder: TemporaryDirectory, _ relative: String, without isLeftOut: (String) -> Bool = { _ in false }
    ) throws {
        for path in try folder.files(below: relative) where !isLeftOut(path) {
            files[path] = try folder.read("\(relative)/\(path)")
        }
    }

    /// What sets two trees apart: a sentence each.
    package func differences(from other: Tree) -> [String] {
        Set(files.keys).union(other.files.keys).sorted().compactMap { path in
            switch (files[path], other.files[path]) {
            case (nil, _): "\(path) is missing"
            case (_, nil): "\(path) is there"
            case (let mine?, let theirs?) where mine != theirs:
                "\(path) has \(mine.count) other bytes, not \(theirs.count)"
            default: nil
            }
        }
    }
}

extension TemporaryDirectory {
    /// Copies a folder of another into this one, with the times of its files.
    package func copy(_ relative: String, of other: TemporaryDirectory) throws {
        try FileManager.default.copyItem(atPath: other(relative), toPath: self(relative))
        for path in try files(below: relative) {
            var status = stat()
            stat(other("\(relative)/\(path)"), &status)
            utimensat(AT_FDCWD, self("\(relative)/\(path)"), [status.st_atim, status.st_mtim], 0)
        }
    }

    /// Takes files away; one that is not there is none to take away.
    package func remove(_ paths: String...) {
        for path in paths { try? FileManager.default.removeItem(atPath: self(path)) }
    }

    /// Sets when a file was last changed, in milliseconds since 1970.
    package func setModified(_ relative: String, to milliseconds: Int64) {
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(milliseconds - seconds * 1000) * 1_000_000)
        let result = utimensat(AT_FDCWD, self(relative), [time, time], 0)
        precondition(result == 0, "\(relative): \(String(cString: strerror(errno)))")
    }
}
