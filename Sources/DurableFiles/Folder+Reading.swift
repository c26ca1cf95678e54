internal import Glibc

extension Folder {
    /// What a name stands for (readdir(3), inode(7)).
    package enum Kind: Sendable { case file, folder, link, other }

    /// Calls `body` for each name in the folder but `.` and `..`, in no order.
    ///
    /// Names that are no UTF-8 come with U+FFFD in place of what could not be read: no call finds them, by intent.
    package func forEachEntry(_ body: (String, Kind) -> Void) throws(FileError) {
        try forEachName { body(String(decoding: $0, as: UTF8.self), $1) }
    }

    /// The same, of the names' own bytes, valid within the call: for a folder of very many.
    package func forEachName(_ body: (UnsafeBufferPointer<UInt8>, Kind) -> Void) throws(FileError) {
        // A descriptor of its own, since reading moves its position.
        let own = uninterrupted { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard own >= 0 else { throw FileError(.list, path) }
        guard let stream = fdopendir(own) else {
            let code = errno
            close(own)
            throw FileError(.list, path, code: code)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileError(.list, path) }
                return
            }
            let start = UnsafeRawPointer(entry) + Self.nameOffset
            let name = UnsafeBufferPointer(
                start: start.assumingMemoryBound(to: UInt8.self),
                count: strlen(start.assumingMemoryBound(to: CChar.self)))
            if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
            switch Int(entry.pointee.d_type) {
            case Int(DT_REG): body(name, .file)
            case Int(DT_DIR): body(name, .folder)
            case Int(DT_LNK): body(name, .link)
            case Int(DT_UNKNOWN): body(name, try status(of: String(decoding: name, as: UTF8.self))?.kind ?? .other)
            default: body(name, .other)
            }
        }
    }

    /// Of the name in what readdir(3) gives: that is shorter than its type says.
    private static let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 0

    /// The names in the folder, sorted by their bytes.
    package func names(_ wanted: Kind? = nil) throws(FileError) -> [String] {
        var names: [String] = []
        try forEachEntry { name, kind in if wanted == nil || kind == wanted { names.append(name) } }
        return names.sorted()
    }

    /// What stat(2) says of a name; a link is not followed.
    package struct Status: Sendable {
        package let kind: Kind
        /// In bytes.
        package let size: Int
        /// Milliseconds since 1970.
        package let modified: Int64
        package let device: UInt64
        /// The same for each name of one file, and on its device for no other file (inode(7)).
        package let number: UInt64
    }

    /// nil where there is no such name.
    package func status(of name: String = ".") throws(FileError) -> Status? {
        var result = stat()
        guard fstatat(descriptor, name, &result, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError(.inspect, path(of: name))
        }
        let kind: Kind =
            switch result.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        return Status(
            kind: kind, size: Int(result.st_size), modified: milliseconds(result.st_mtim),
            device: UInt64(result.st_dev), number: UInt64(result.st_ino))
    }

    /// Bytes that an unprivileged user may still write to this filesystem (statvfs(3)).
    package func freeBytes() throws(FileError) -> Int {
        var result = statvfs()
        guard fstatvfs(descriptor, &result) == 0 else { throw FileError(.inspect, path) }
        return Int(result.f_bavail) * Int(result.f_frsize)
    }

    /// The whole of a small file; nil where there is none.
    package func contents(of name: String) throws(FileError) -> [UInt8]? {
        try file(name).map { file throws(FileError) in try file.read(at: 0, count: file.size) }
    }

    /// Opens a file to read it; nil where there is none.
    package func file(_ name: String) throws(FileError) -> ReadFile? {
        // Non-blocking, so that a FIFO put under a file's name cannot hang the caller.
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

/// A file open for reading, at any position, from any thread.
package final class ReadFile: Sendable {
    private let folder: String
    private let name: String
    /// In bytes, when it was opened.
    package let size: Int
    /// Milliseconds since 1970, when it was opened.
    package let modified: Int64
    private let descriptor: CInt

    fileprivate init(folder: String, name: String, descriptor: CInt) throws(FileError) {
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
        modified = milliseconds(result.st_mtim)
    }

    deinit { close(descriptor) }

    /// For people: put together when it is asked for, since a sweep opens very many files.
    package var path: String { Folder.path(of: name, in: folder) }

    /// Up to `count` bytes from `offset` on; fewer only where the file ends.
    package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = uninterrupted {
                    pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
                }
                if got == 0 { return }
                guard got > 0 else {
                    failure = FileError(.read, path)
                    return
                }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }
}

/// Since 1970. Some filesystems take times that so fine a count cannot tell: those become the last that it can.
private func milliseconds(_ time: timespec) -> Int64 {
    let limit = Int64.max / 1000 - 1
    return max(-limit, min(limit, Int64(time.tv_sec))) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
