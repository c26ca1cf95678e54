internal import Glibc

extension Folder {
    /// Adds whole lines to the end of a file, which is made where there is none, and returns once they are durable.
    ///
    /// Where a crash left the file's last line without its end, that line is ended first: it stays as it is, and none of
    /// the new ones is lost to it. Callers keep each other off the file.
    ///
    /// - Parameter lines: each with its LF.
    /// - Throws: ``FileError``. Of a file whose sync has failed nothing is known any more: do not write to it again.
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
        // Each time: a process that was killed may have made the file, and not come to sync its name.
        try sync()
    }
}
