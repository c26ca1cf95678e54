import Foundation
import Glibc
import TestSupport

/// A filesystem of its own of a few MiB. (Of those, ext4 takes four for itself.)
struct SmallFilesystem {
    enum Kind: String, CaseIterable, Sendable {
        case tmpfs
        /// On a loop device.
        case ext4

        /// Those that may be mounted here; mounting takes root, and most containers do not allow it.
        static let usable = allCases.filter { kind in
            do {
                let folder = try TemporaryDirectory()
                try SmallFilesystem.with(kind, on: folder.path) { _ in }
                return true
            } catch {
                print("a full disk is not tested on \(kind), since mounting one is not allowed here: \(error)")
                return false
            }
        }
    }

    let path: String

    /// Calls `body` while one is mounted on a folder, which must be empty.
    static func with(
        _ kind: Kind, on path: String, mebibytes: Int = 16, _ body: (SmallFilesystem) throws -> Void
    ) throws {
        let scratch = try TemporaryDirectory(inMemory: true)
        func require(_ program: String, _ arguments: String...) throws {
            let result = try run(program, arguments)
            guard result.status == 0 else { throw SceneError(what: result.errors) }
        }
        switch kind {
        case .tmpfs: try require("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path)
        case .ext4:
            let image = scratch("image")
            try require("truncate", "-s", "\(mebibytes)M", image)
            // In blocks of 4 KiB, as all but the smallest have: SQLite takes it that a page of its shared memory is one.
            try require("mkfs.ext4", "-q", "-m", "0", "-b", "4096", image)
            try require("mount", "-o", "loop", image, path)
        }
        // Lazily: a program that a failed test left running has files open there.
        defer { _ = try? run("umount", ["-l", path]) }
        try body(SmallFilesystem(path: path))
    }

    /// Bytes that may still be written.
    var free: Int {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    }

    private var filler: String { "\(path)/.filler" }

    /// Writes a file until only so many bytes are left.
    func fill(leaving rest: Int) throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SceneError(what: "\(filler): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let piece = [UInt8](repeating: 0x5a, count: 4096)
        // What is written and not yet on the disk is not yet taken from what is free.
        while free > rest, write(descriptor, piece, min(piece.count, free - rest)) > 0 { fsync(descriptor) }
    }

    /// Makes room again.
    func empty() { unlink(filler) }
}
