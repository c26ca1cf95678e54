internal import Glibc

extension Folder {
    /// Creates a file under a name that does not exist yet (`O_EXCL`).
    ///
    /// - Parameter replacingLeftover: Whether to remove an existing file first. Use it for names that only an
    ///   interrupted attempt can have left, which would otherwise accumulate.
    /// - Throws: ``FileError`` with `EEXIST` if the name exists.
    package func newFile(_ name: String, replacingLeftover: Bool = false) throws(FileError) -> NewFile {
        func open() -> CInt {
            uninterrupted { openat(self.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o640)) }
        }
        var descriptor = open()
        if replacingLeftover, descriptor < 0, errno == EEXIST {
            try remove(name)
            descriptor = open()
        }
        guard descriptor >= 0 else { throw FileError(.create, path(of: name)) }
        return NewFile(folder: self, name: name, descriptor: descriptor)
    }

    /// Writes a whole file: under a temporary name, synced, then renamed to `name`, and the folder synced.
    ///
    /// At every moment, the file `name` has either its previous contents or all of `bytes`. Only one process may write
    /// to the folder at a time.
    package func replace(_ name: String, with bytes: [UInt8]) throws(FileError) {
        let slash = name.lastIndex(of: "/")
        let parent = try slash.map { at throws(FileError) in try makeFolder(String(name[..<at])) } ?? self
        let last = slash.map { String(name[name.index(after: $0)...]) } ?? name
        var file = try parent.newFile(".\(last).tmp", replacingLeftover: true)
        try file.write(bytes)
        try file.commit(as: last)
    }
}
