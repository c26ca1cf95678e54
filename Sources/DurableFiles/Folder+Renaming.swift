internal import Glibc

extension Folder {
    /// Renames `name`, replacing any file that has the new name. Durable once both folders are synced.
    package func rename(_ name: String, to folder: Folder, as newName: String) throws(FileError) {
        guard renameat(descriptor, name, folder.descriptor, newName) == 0 else {
            throw FileError(.rename, path(of: name))
        }
    }

    /// Renames `name` if it exists, replacing any file that has the new name. Durable once both folders are synced.
    ///
    /// - Returns: Whether `name` existed.
    @discardableResult
    package func renameIfPresent(_ name: String, to folder: Folder, as newName: String) throws(FileError) -> Bool {
        do throws(FileError) {
            try rename(name, to: folder, as: newName)
            return true
        } catch {
            guard error.code == ENOENT, try status(of: name) == nil else { throw error }
            return false
        }
    }

    /// Renames `name` without ever replacing a file, and makes the change durable.
    ///
    /// It uses link(2) and unlink(2), so for a moment the file has both names. The new name is synced first.
    ///
    /// - Throws: ``FileError`` with `EEXIST` if the new name exists.
    package func move(_ name: String, to folder: Folder, as newName: String) throws(FileError) {
        guard linkat(descriptor, name, folder.descriptor, newName, 0) == 0 else {
            throw FileError(.link, folder.path(of: newName))
        }
        try folder.sync()
        try remove(name)
        try sync()
    }
}
