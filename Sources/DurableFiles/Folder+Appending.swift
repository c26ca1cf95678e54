internal import Glibc

extension Folder {
    /// Appends whole lines to a file, and returns once they are durable. Creates the file if it does not exist.
    ///
    /// If a crash left the last line without its LF, that line is ended first: it keeps its bytes, and the first new
    /// line does not become part of it. Callers ensure that only one of them writes to the file at a time.
    ///
    /// - Parameter lines: The lines, each with its LF.
    /// - Throws: ``FileError``. After a failed sync the state of the file is unknown: do not write to it again.
    package func append(lines: [UInt8], to name: String) throws(FileError) {
        let path = path(of: name)
        let file = uninterrupted {
            openat(descriptor, name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(0o640))
        }
        guard file >= 0 else { throw FileError(.open, path) }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        guard size >= 0 else { throw FileError(.inspect, path) }
        var last = UInt8(ascii: "\n")
        if size > 0, uninterrupted({ pread(file, &last, 1, size - 1) }) != 1 { throw FileError(.read, path) }
        let bytes = last == UInt8(ascii: "\n") ? lines : [UInt8(ascii: "\n")] + lines
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                uninterrupted { write(file, buffer.baseAddress?.advanced(by: written), bytes.count - written) }
            }
            guard count >= 0 else { throw FileError(.write, path) }
            written += count
        }
        guard fsync(file) == 0 else { throw FileError(.sync, path) }
        // Every time, since a killed process may have created the file without syncing its name.
        try sync()
    }
}
