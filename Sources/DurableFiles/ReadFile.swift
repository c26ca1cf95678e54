internal import Glibc

/// A regular file that is open for reading, at any offset and from any thread.
package final class ReadFile: Sendable {
    private let folder: String
    private let name: String
    /// The size when the file was opened, in bytes.
    package let size: Int
    /// The modification time when the file was opened, in milliseconds since 1970.
    package let modified: Int64
    private let descriptor: CInt

    /// Takes ownership of the descriptor.
    ///
    /// - Throws: ``FileError`` with `EISDIR` or `EINVAL` if it is not a regular file.
    init(folder: String, name: String, descriptor: CInt) throws(FileError) {
        var path: String { Folder.path(of: name, in: folder) }
        var result = stat()
        guard fstat(descriptor, &result) == 0 else {
            let failure = FileError(.inspect, path)
            close(descriptor)
            throw failure
        }
        guard result.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileError(.open, path, code: result.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
        }
        self.folder = folder
        self.name = name
        self.descriptor = descriptor
        size = Int(result.st_size)
        modified = result.st_mtim.milliseconds
    }

    deinit { close(descriptor) }

    /// The path for messages. Computed, since a sweep opens very many files.
    package var path: String { Folder.path(of: name, in: folder) }

    /// Calls `body` with all bytes of the file, as long as it was when it was opened, in pieces of at most 256 KiB.
    package func forEachPiece(_ body: ([UInt8]) throws(FileError) -> Void) throws(FileError) {
        var offset = 0
        while offset < size {
            let bytes = try read(at: offset, count: min(1 << 18, size - offset))
            if bytes.isEmpty { return }
            try body(bytes)
            offset += bytes.count
        }
    }

    /// Reads up to `count` bytes from `offset` on. Returns fewer only at the end of the file.
    package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let read = uninterrupted {
                    pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                }
                if read == 0 { return }
                guard read > 0 else {
                    failure = FileError(.read, path)
                    return
                }
                filled += read
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
