internal import CSyncfs
internal import Glibc

/// An open folder: the one place from which names are made, renamed and removed.
///
/// A rename or removal is durable once the folder that holds the name has been synced, and not before; so callers
/// change names first, then call ``sync()`` on every folder they touched. All paths are relative to the folder, and
/// go through its descriptor: a folder renamed meanwhile stays the same folder.
package final class Folder: Sendable {
    package let path: String
    let descriptor: CInt

    /// Opens a folder that exists.
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

    /// Opens the folder at `path`; nil where there is none.
    package static func existing(_ path: String) throws(FileError) -> Folder? {
        do throws(FileError) {
            return try Folder(path)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// Opens the folder at `path`, after making it and its missing parents, each of them synced into its own parent.
    package static func make(_ path: String) throws(FileError) -> Folder {
        if let folder = try existing(path) { return folder }
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return try Folder(".").makeFolder(trimmed) }
        let parent = trimmed[..<slash].isEmpty ? "/" : String(trimmed[..<slash])
        return try make(parent).makeFolder(String(trimmed[trimmed.index(after: slash)...]))
    }

    /// Opens the folder `name` in this one; nil where there is none.
    package func folder(_ name: String) throws(FileError) -> Folder? {
        let descriptor = uninterrupted { openat(self.descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError(.open, path(of: name))
        }
        return Folder(path: path(of: name), descriptor: descriptor)
    }

    /// Opens the folder at `relative`, after making it and its missing parents, each synced into its own parent.
    @discardableResult
    package func makeFolder(_ relative: String) throws(FileError) -> Folder {
        if let there = (try? folder(relative)) ?? nil { return there }
        var folder = self
        for part in relative.split(separator: "/") {
            let name = String(part)
            if let there = try folder.folder(name) {
                folder = there
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

    /// Makes the folders at these paths where they are missing, and their parents: durable, once the filesystem is synced.
    ///
    /// - Returns: whether any was missing.
    package func makeFolders(_ paths: some Sequence<String>) throws(FileError) -> Bool {
        var isAnyMade = false
        for path in paths where try makeMissing(path) { isAnyMade = true }
        return isAnyMade
    }

    private func makeMissing(_ path: String) throws(FileError) -> Bool {
        if mkdirat(descriptor, path, 0o750) == 0 { return true }
        if errno == EEXIST { return false }
        guard errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            throw FileError(.makeFolder, self.path(of: path))
        }
        _ = try makeMissing(String(path[..<slash]))
        return try makeMissing(path)
    }

    /// Makes durable every name that was added to or taken from this folder (fsync(2) on the folder).
    package func sync() throws(FileError) {
        // An XFS that has shut itself down, since its log could not be written, answers fsync(2) of a folder with 0,
        // whatever was lost; only fstat(2) of it tells. It stays shut down, so to ask afterwards is enough.
        var status = stat()
        guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else { throw FileError(.sync, path) }
    }

    /// Makes the folder's own name durable in its parent: for a folder that a killed process may just have made.
    package func syncIntoParent() throws(FileError) { try Folder("\(path)/..").sync() }

    /// Makes durable all that was written, made, renamed and removed on this folder's filesystem, by whomever
    /// (syncfs(2)): for many files at once, and for after a process was killed, when it is not known what it had synced.
    ///
    /// It tells of what could not be written since Linux 5.8; before that it told of nothing, and so is refused.
    package func syncFilesystem() throws(FileError) {
        guard Self.isFailureTold else { throw FileError(.sync, path, code: ENOSYS) }
        guard syncfs(descriptor) == 0 else { throw FileError(.sync, path) }
    }

    private static let isFailureTold: Bool = {
        var system = utsname()
        guard uname(&system) == 0 else { return false }
        let release = withUnsafeBytes(of: system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return !numbers.lexicographicallyPrecedes([5, 8])
    }()

    /// Renames `name`, in place of whatever stood under the new name. Durable once both folders are synced.
    package func rename(_ name: String, to folder: Folder, as newName: String) throws(FileError) {
        guard renameat(descriptor, name, folder.descriptor, newName) == 0 else {
            throw FileError(.rename, path(of: name))
        }
    }

    /// The same; false where there is no such name.
    @discardableResult
    package func renameIfThere(_ name: String, to folder: Folder, as newName: String) throws(FileError) -> Bool {
        do throws(FileError) {
            try rename(name, to: folder, as: newName)
            return true
        } catch {
            guard error.code == ENOENT, try status(of: name) == nil else { throw error }
            return false
        }
    }

    /// Renames `name`, and never in place of a file: with EEXIST where the new name is taken.
    ///
    /// By link(2) and unlink(2), so for a moment it stands under both names. Durable once both folders are synced,
    /// which this does, the new name's first.
    package func move(_ name: String, to folder: Folder, as newName: String) throws(FileError) {
        guard linkat(descriptor, name, folder.descriptor, newName, 0) == 0 else {
            throw FileError(.link, folder.path(of: newName))
        }
        try folder.sync()
        try remove(name)
        try sync()
    }

    /// Removes the file `name`; false where there is none. Durable once the folder is synced.
    @discardableResult
    package func remove(_ name: String) throws(FileError) -> Bool {
        if unlinkat(descriptor, name, 0) == 0 { return true }
        if errno == ENOENT { return false }
        throw FileError(.remove, path(of: name))
    }

    /// Removes `name` and all below it; nothing where there is none. Durable once the folder is synced.
    ///
    /// No link is followed: one that stands there, or below it, is itself removed.
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

    /// Writes a file whole: under a temporary name, synced, then renamed to `name`, and the folder synced.
    ///
    /// What stands under `name` is at every moment either what stood there before or all of `bytes`. For who is the
    /// only writer of the folder.
    package func replace(_ name: String, with bytes: [UInt8]) throws(FileError) {
        let slash = name.lastIndex(of: "/")
        let parent = try slash.map { at throws(FileError) in try makeFolder(String(name[..<at])) } ?? self
        let last = slash.map { String(name[name.index(after: $0)...]) } ?? name
        let temporary = ".\(last).tmp"
        var file = try parent.newFile(temporary, isLeftoverRemoved: true)
        try file.write(bytes)
        try file.commit(as: last)
    }

    /// The path for people: of `name` as seen from where the program was started.
    package func path(of name: String) -> String { Self.path(of: name, in: path) }

    static func path(of name: String, in folder: String) -> String { folder == "." ? name : "\(folder)/\(name)" }
}
