internal import Glibc

extension Folder {
    /// The kind of file that a name refers to (readdir(3), inode(7)).
    package enum Kind: Sendable { case file, folder, link, other }

    /// The result of stat(2) for a name.
    package struct Status: Sendable {
        package let kind: Kind
        /// The size, in bytes.
        package let size: Int
        /// The modification time, in milliseconds since 1970.
        package let modified: Int64
        package let device: UInt64
        /// The inode number: the same for all names of one file, and unique on its device (inode(7)).
        package let inode: UInt64
    }

    /// Returns the status of a name, without following links, or `nil` if there is no such name.
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
            kind: kind, size: Int(result.st_size), modified: result.st_mtim.milliseconds,
            device: UInt64(result.st_dev), inode: UInt64(result.st_ino))
    }

    /// Whether this process may create files in the folder (faccessat(2)). Nobody may on a read-only filesystem.
    package var isWritable: Bool { faccessat(descriptor, ".", W_OK, AT_EACCESS) == 0 }

    /// Returns the number of bytes that an unprivileged user may still write to this filesystem (statvfs(3)).
    package func freeBytes() throws(FileError) -> Int {
        var result = statvfs()
        guard fstatvfs(descriptor, &result) == 0 else { throw FileError(.inspect, path) }
        return Int(result.f_bavail) * Int(result.f_frsize)
    }
}
