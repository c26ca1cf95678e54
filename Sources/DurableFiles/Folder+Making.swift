internal import Glibc

extension Folder {
    /// Opens the folder at `path`, after making it and its missing parents. Each new folder is synced into its parent.
    package static func make(_ path: String) throws(FileError) -> Folder {
        if let folder = try existing(path) { return folder }
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return try Folder(".").makeFolder(trimmed) }
        let parent = trimmed[..<slash].isEmpty ? "/" : String(trimmed[..<slash])
        return try make(parent).makeFolder(String(trimmed[trimmed.index(after: slash)...]))
    }

    /// Opens the folder at `relative`, after making it and its missing parents. Each new folder is synced into its
    /// parent.
    @discardableResult
    package func makeFolder(_ relative: String) throws(FileError) -> Folder {
        if let existing = (try? folder(relative)) ?? nil { return existing }
        var folder = self
        for part in relative.split(separator: "/") {
            let name = String(part)
            if let existing = try folder.folder(name) {
                folder = existing
                continue
            }
            if mkdirat(folder.descriptor, name, 0o750) != 0, errno != EEXIST {
                throw FileError(.makeFolder, folder.path(of: name))
            }
            try folder.sync()
            guard let made = try folder.folder(name) else {
                throw FileError(.open, folder.path(of: name), code: ENOENT)
            }
            folder = made
        }
        return folder
    }

    /// Makes a folder and its parents as far as they are missing. They are durable once the filesystem is synced.
    ///
    /// - Returns: Whether the folder was missing.
    @discardableResult package func makeFolderUnsynced(_ path: String) throws(FileError) -> Bool {
        if mkdirat(descriptor, path, 0o750) == 0 { return true }
        if errno == EEXIST { return false }
        guard errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            throw FileError(.makeFolder, self.path(of: path))
        }
        try makeFolderUnsynced(String(path[..<slash]))
        return try makeFolderUnsynced(path)
    }
}
