internal import Glibc

/// A file that is being written, under a name that nothing reads yet.
///
/// Finish it with ``commit(as:)``, ``finish()`` or ``finishUnsynced()``. If it is discarded before that, the file is
/// removed.
package struct NewFile: ~Copyable {
    private let folder: Folder
    private let name: String
    private var descriptor: CInt
    private var isFinished = false
    /// The number of bytes written so far.
    package private(set) var size = 0

    init(folder: Folder, name: String, descriptor: CInt) {
        self.folder = folder
        self.name = name
        self.descriptor = descriptor
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isFinished { unlinkat(folder.descriptor, name, 0) }
    }

    package mutating func write(_ bytes: [UInt8]) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
                let count = uninterrupted { Glibc.write(descriptor, start, rest.count) }
                guard count >= 0 else {
                    failure = FileError(.write, folder.path(of: name))
                    return
                }
                rest = rest.dropFirst(count)
            }
        }
        if let failure { throw failure }
        size += bytes.count
    }

    /// Calls `body` with the descriptor, for another program to write to the file. ``size`` does not include what it writes.
    package borrowing func withDescriptor<Result>(_ body: (CInt) throws -> Result) rethrows -> Result {
        try body(descriptor)
    }

    /// Makes the contents durable and keeps the file under its current name. The name is durable once its folder is
    /// synced.
    ///
    /// After a failed sync the file is removed and never synced again, since the kernel reports a lost write only once.
    package consuming func finish() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(.sync, folder.path(of: name)) }
        try finishUnsynced()
    }

    /// Keeps the file under its current name without making anything durable. Call ``Folder/syncFilesystem()`` later.
    package consuming func finishUnsynced() throws(FileError) {
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 else { throw FileError(.close, folder.path(of: name)) }
        isFinished = true
    }

    /// Makes the file durable under `finalName` in its folder, replacing any file of that name: it syncs the file,
    /// renames it, and syncs the folder.
    package consuming func commit(as finalName: String) throws(FileError) {
        try commit(in: folder, as: finalName)
    }

    /// Makes the file durable under `finalName` in another folder of the same filesystem, replacing any file of that
    /// name.
    ///
    /// - Parameter sync: A shared sync of the target folder, if others add names to it at the same time.
    package consuming func commit(
        in target: Folder, as finalName: String, sync: GroupSync? = nil
    ) throws(FileError) {
        let (folder, name) = (folder, name)
        try finish()
        do throws(FileError) {
            try folder.rename(name, to: target, as: finalName)
        } catch {
            unlinkat(folder.descriptor, name, 0)
            throw error
        }
        if let sync { try sync() } else { try target.sync() }
    }
}
