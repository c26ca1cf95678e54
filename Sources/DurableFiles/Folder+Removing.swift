internal import Glibc

extension Folder {
    /// Removes the file `name`. Durable once the folder is synced.
    ///
    /// - Returns: Whether the file existed.
    @discardableResult
    package func remove(_ name: String) throws(FileError) -> Bool {
        if unlinkat(descriptor, name, 0) == 0 { return true }
        if errno == ENOENT { return false }
        throw FileError(.remove, path(of: name))
    }

    /// Removes the folder `name` if it is empty. Durable once this folder is synced.
    ///
    /// - Returns: Whether there is no such folder now.
    package func removeIfEmpty(_ name: String) throws(FileError) -> Bool {
        if unlinkat(descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return true }
        guard [ENOTEMPTY, EEXIST].contains(errno) else { throw FileError(.remove, path(of: name)) }
        return false
    }

    /// Removes `name` and everything below it, if it exists. Durable once the folder is synced.
    ///
    /// Links are removed, not followed.
    package func removeTree(_ name: String) throws(FileError) {
        guard let kind = try status(of: name)?.kind else { return }
        guard kind == .folder, let folder = try folder(name) else {
            try remove(name)
            return
        }
        var failure: FileError?
        try folder.forEachEntry { entry, kind in
            guard failure == nil else { return }
            do throws(FileError) {
                if kind == .folder { try folder.removeTree(entry) } else { try folder.remove(entry) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        guard unlinkat(descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw FileError(.remove, path(of: name))
        }
    }
}
