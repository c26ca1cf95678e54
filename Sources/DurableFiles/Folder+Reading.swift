internal import Glibc

extension Folder {
    /// Reads a small file. Returns `nil` if it does not exist.
    package func contents(of name: String) throws(FileError) -> [UInt8]? {
        try file(name).map { file throws(FileError) in try file.read(at: 0, count: file.size) }
    }

    /// Opens a file for reading. Returns `nil` if it does not exist.
    package func file(_ name: String) throws(FileError) -> ReadFile? {
        // Non-blocking, since opening a FIFO that has a file's name would otherwise hang.
        let descriptor = uninterrupted {
            openat(self.descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        }
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError(.open, path(of: name))
        }
        return try ReadFile(folder: path, name: name, descriptor: descriptor)
    }
}
