internal import Glibc

/// An open folder. All files of Daybook are created, renamed and removed through this type.
///
/// A rename or removal is durable once the folder that holds the name has been synced, and not before. Callers
/// therefore change names first, then call ``sync()`` on every folder they changed. All paths are relative to the
/// folder and are resolved through its descriptor: a folder that is renamed meanwhile is still the same folder.
package final class Folder: Sendable {
    package let path: String
    let descriptor: CInt

    /// Opens an existing folder.
    package init(_ path: String) throws(FileError) {
        self.path = path
        descriptor = uninterrupted { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError(.open, path) }
    }

    private init(path: String, descriptor: CInt) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens the folder at `path`. Returns `nil` if it does not exist.
    package static func existing(_ path: String) throws(FileError) -> Folder? {
        do throws(FileError) {
            return try Folder(path)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// Opens the subfolder `name`. Returns `nil` if it does not exist.
    package func folder(_ name: String) throws(FileError) -> Folder? {
        let descriptor = uninterrupted { openat(self.descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError(.open, path(of: name))
        }
        return Folder(path: path(of: name), descriptor: descriptor)
    }

    /// Returns the path of `name` for messages, relative to where the program was started unless the folder's path is
    /// absolute.
    package func path(of name: String) -> String { Self.path(of: name, in: path) }

    /// Returns the path relative to this folder of a path that ``path(of:)`` returned, or `nil` for any other.
    package func relativePath(of path: String) -> String? {
        if self.path == "." { return path }
        return path.hasPrefix("\(self.path)/") ? String(path.dropFirst(self.path.count + 1)) : nil
    }

    static func path(of name: String, in folder: String) -> String { folder == "." ? name : "\(folder)/\(name)" }
}
