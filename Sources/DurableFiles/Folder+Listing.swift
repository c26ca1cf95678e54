internal import Glibc

extension Folder {
    /// Calls `body` with each name in the folder except `.` and `..`, in no particular order.
    ///
    /// In names that are not valid UTF-8, U+FFFD replaces the invalid bytes. Such a name opens no file.
    package func forEachEntry(_ body: (String, Kind) -> Void) throws(FileError) {
        try forEachName { body(String(decoding: $0, as: UTF8.self), $1) }
    }

    /// Calls `body` with the bytes of each name in the folder except `.` and `..`, in no particular order.
    ///
    /// The bytes are valid only during the call. For very large folders: no string is made for each name.
    package func forEachName(_ body: (UnsafeBufferPointer<UInt8>, Kind) -> Void) throws(FileError) {
        // A separate descriptor, since reading moves its position.
        let listed = uninterrupted { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard listed >= 0 else { throw FileError(.list, path) }
        guard let stream = fdopendir(listed) else {
            let code = errno
            close(listed)
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

    /// The offset of the name in an entry of readdir(3), which is shorter than its Swift type: never copy the entry.
    private static let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 0

    /// Returns the names in the folder, or only those of one kind, sorted by their bytes.
    package func names(_ wanted: Kind? = nil) throws(FileError) -> [String] {
        var names: [String] = []
        try forEachEntry { name, kind in if wanted == nil || kind == wanted { names.append(name) } }
        return names.sorted()
    }
}
