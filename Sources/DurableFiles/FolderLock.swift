internal import Glibc

/// A lock on a folder. At most one process holds it, and the kernel releases it when that process ends (flock(2)).
///
/// The lock file names its holder. It is never removed: after a removal, two processes could lock two different files
/// of the same name.
///
/// Use ``Folder/withLock(named:purpose:_:)`` unless the lock outlives one scope.
package struct FolderLock: ~Copyable {
    private let descriptor: CInt

    /// Another process holds the lock.
    package struct Held: Error, CustomStringConvertible {
        package let path: String
        package let holder: String
        package var description: String { "\(path) is held by \(holder); wait until it is done, then run this again" }
    }

    /// Takes the lock without waiting.
    ///
    /// - Parameter purpose: What the lock is held for, as other processes report it.
    /// - Throws: ``Held`` if another process holds the lock; ``FileError`` if the lock file cannot be
    ///   created or opened.
    package init(_ folder: Folder, name: String, purpose: String) throws {
        let path = folder.path(of: name)
        let descriptor = uninterrupted {
            openat(folder.descriptor, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(0o640))
        }
        guard descriptor >= 0 else { throw FileError(.open, path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { close(descriptor) }
            guard code == EWOULDBLOCK else { throw FileError(.lock, path, code: code) }
            var text = [UInt8](repeating: 0, count: 200)
            let count = pread(descriptor, &text, text.count, 0)
            let holder = String(decoding: text.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self)
            throw Held(path: path, holder: holder.isEmpty ? "another process" : holder)
        }
        self.descriptor = descriptor
        // Only for messages: nothing depends on it, so it is neither synced nor checked.
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let text = "\(purpose), process \(getpid()) on \(name)\n"
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.utf8.count, 0)
    }

    deinit {
        // Closing alone does not release the lock while a child, between fork and exec, has a copy of the descriptor.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
