internal import Glibc

/// A file in the making, under a name nobody looks for yet.
///
/// It ends by ``commit(as:)``, ``finish()`` or ``keep()``; let go of before that, it is removed.
package struct NewFile: ~Copyable {
    private let folder: Folder
    private let name: String
    private var descriptor: CInt
    private var finished = false
    /// In bytes, written so far.
    package private(set) var size = 0

    fileprivate init(folder: Folder, name: String, descriptor: CInt) {
        self.folder = folder
        self.name = name
        self.descriptor = descriptor
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !finished { unlinkat(folder.descriptor, name, 0) }
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

    /// Makes the contents durable and keeps the file under its present name. That name is durable once its folder is.
    ///
    /// After a failed sync the file is removed, and never synced again: the kernel reports a lost write once.
    package consuming func finish() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(.sync, folder.path(of: name)) }
        try keep()
    }

    /// Keeps the file under its present name, and makes nothing durable: ``Folder/syncFilesystem()`` has to follow.
    package consuming func keep() throws(FileError) {
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 else { throw FileError(.close, folder.path(of: name)) }
        finished = true
    }

    /// Makes the file durable under `finalName` in its own folder, in place of what stood there: sync, rename, sync of
    /// the folder.
    package consuming func commit(as finalName: String) throws(FileError) {
        try commit(in: folder, as: finalName)
    }

    /// The same, in another folder of the filesystem.
    ///
    /// - Parameter sync: of that folder, where others add names to it at the same time.
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

extension Folder {
    /// Starts a file under a name that is not taken. (O_EXCL: with EEXIST where it is.)
    ///
    /// - Parameter isLeftoverRemoved: true where what stands under the name can only be what an interrupted attempt left:
    ///   that is taken away first, so that none of it piles up.
    package func newFile(_ name: String, isLeftoverRemoved: Bool = false) throws(FileError) -> NewFile {
        func open() -> CInt {
            uninterrupted { openat(self.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o640)) }
        }
        var descriptor = open()
        if isLeftoverRemoved, descriptor < 0, errno == EEXIST {
            try remove(name)
            descriptor = open()
        }
        guard descriptor >= 0 else { throw FileError(.create, path(of: name)) }
        return NewFile(folder: self, name: name, descriptor: descriptor)
    }
}
