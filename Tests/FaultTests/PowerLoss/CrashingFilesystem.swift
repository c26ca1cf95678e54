import Foundation
import Glibc
import TestSupport

/// A filesystem on a loop device that can be cut off from its disk, as a power cut does it.
///
/// By the ioctl(2) that ext4 and XFS have for such tests (`EXT4_IOC_SHUTDOWN`, `XFS_IOC_GOINGDOWN`; xfstests' `godown`
/// is the same), with `NOLOGFLUSH`: from that moment on nothing is written any more, including the journal
/// in memory. Mounted again, the filesystem recovers from its journal as after a real cut, and whatever was not synced
/// and not written by chance is gone. (It is a real filesystem's own idea of that, and so much kinder than the model's.)
struct CrashingFilesystem {
    enum Kind: String, CaseIterable, Sendable {
        case ext4, xfs

        /// Those that may be made, mounted and cut off here: mounting takes root, and most containers do not allow it.
        static let usable = allCases.filter { kind in
            do {
                let folder = try TemporaryDirectory()
                try CrashingFilesystem.with(kind, on: folder) {
                    try $0.cut()
                    try $0.mountAgain()
                }
                return true
            } catch {
                print("a power cut is not tried on \(kind.rawValue), since that is not possible here: \(error)")
                return false
            }
        }

        fileprivate var making: [String] {
            switch self {
            case .ext4: ["truncate -s 48M $0", "mkfs.ext4 -q -m 0 -b 4096 $0"]
            case .xfs: ["truncate -s 320M $0", "mkfs.xfs -q $0"]
            }
        }
    }

    private let kind: Kind
    private let folder: TemporaryDirectory
    private let image: String

    /// Calls `body` while one is mounted on a folder, which must be empty.
    static func with(
        _ kind: Kind, on folder: TemporaryDirectory, _ body: (CrashingFilesystem) throws -> Void
    ) throws {
        let scratch = try TemporaryDirectory(inMemory: true)
        let filesystem = CrashingFilesystem(kind: kind, folder: folder, image: scratch("image"))
        for command in kind.making { try require("sh", ["-c", command, filesystem.image]) }
        try filesystem.mount()
        // Lazily: a program that a failed test left running has files open there.
        defer { _ = try? run("umount", ["-l", folder.path]) }
        try body(filesystem)
    }

    private static func require(_ program: String, _ arguments: [String]) throws {
        let result = try run(program, arguments)
        guard result.status == 0 else { throw SceneError(what: "\(program): \(result.errors)") }
    }

    private func mount() throws {
        // ext4 would sync names by itself every five seconds, and so be kinder still.
        let options = kind == .ext4 ? "loop,commit=300" : "loop"
        try Self.require("mount", ["-o", options, image, folder.path])
    }

    /// Makes all durable that was written so far.
    func sync() throws { try Self.require("sync", ["-f", folder.path]) }

    /// Lets nothing more reach the disk.
    func cut() throws {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SceneError(what: "\(folder.path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        // _IOR('X', 125, __u32), of both; 2 is NOLOGFLUSH.
        var flags: UInt32 = 2
        guard ioctl(descriptor, 0x8004_587d, &flags) == 0 else {
            throw SceneError(what: "it cannot be shut down: \(String(cString: strerror(errno)))")
        }
    }

    /// The power is back.
    func mountAgain() throws {
        // What this process had open as another test started a program, that has open as well until it executes.
        for attempt in 0...100 {
            do {
                try Self.require("umount", [folder.path])
                break
            } catch {
                guard attempt < 100 else { throw error }
                usleep(50_000)
            }
        }
        try mount()
    }
}
