internal import CSyncfs
internal import Glibc

extension Folder {
    /// Makes every name that was added to or removed from this folder durable (fsync(2) on the folder).
    package func sync() throws(FileError) {
        // An XFS that has shut down, because it could not write its log, answers fsync(2) of a folder with 0 although
        // changes were lost. Only fstat(2) reports the error. The shutdown is permanent, so checking afterwards is
        // enough.
        var status = stat()
        guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else { throw FileError(.sync, path) }
    }

    /// Makes the folder's own name durable in its parent. Needed if a process that was killed may have made the folder.
    package func syncIntoParent() throws(FileError) { try Folder("\(path)/..").sync() }

    /// Makes all changes to this folder's filesystem durable, by any process (syncfs(2)).
    ///
    /// Used for many files at once, and after a process was killed and it is unknown what it had synced.
    ///
    /// syncfs(2) reports lost writes since Linux 5.8. Older kernels report none, so they are refused with `ENOSYS`.
    package func syncFilesystem() throws(FileError) {
        guard Self.kernelReportsLostWrites else { throw FileError(.sync, path, code: ENOSYS) }
        guard syncfs(descriptor) == 0 else { throw FileError(.sync, path) }
    }

    private static let kernelReportsLostWrites: Bool = {
        var system = utsname()
        guard uname(&system) == 0 else { return false }
        let release = withUnsafeBytes(of: system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return !numbers.lexicographicallyPrecedes([5, 8])
    }()
}
