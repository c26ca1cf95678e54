package import Archive
internal import DurableFiles
package import Spool

/// A spool and the archive it is swept into, both locked, and no other process can change them.
package struct SweepLocks {
    package let spool: SpoolFolder
    package let archive: ArchiveFolder

    /// Opens and locks the spool, then the archive, and holds both locks while `body` runs.
    ///
    /// Creates the archive if it does not exist, and binds the spool to it: from then on, the spool is swept into this
    /// archive only.
    ///
    /// - Parameters:
    ///   - timeZone: The time zone of a new archive; see ``ArchiveFolder/make(_:timeZone:)``.
    ///   - purpose: What the lock is held for, as other processes report it.
    /// - Throws: ``BatchError/noSpool(_:)``, ``BatchError/otherArchive(spool:bound:archive:)``, or `FolderLock.Held` if
    ///   another process holds one of the locks.
    package static func hold<Result>(
        spool spoolPath: String, archive archivePath: String, timeZone: String? = nil, purpose: String,
        _ body: (SweepLocks) throws -> Result
    ) throws -> Result {
        guard try Folder.existing(spoolPath) != nil else { throw BatchError.noSpool(spoolPath) }
        let spool = try SpoolFolder(spoolPath)
        return try spool.withLock(purpose: purpose) {
            let bound = try spool.archiveID()
            // If the spool already has an archive, a folder without one is the wrong folder, or its disk is not mounted.
            if bound != nil { _ = try ArchiveFolder(archivePath) }
            let archive = try ArchiveFolder.make(archivePath, timeZone: timeZone)
            return try archive.withLock(purpose: purpose) {
                if let bound, bound != archive.identity.archive {
                    throw BatchError.otherArchive(spool: spoolPath, bound: bound, archive: archivePath)
                }
                if bound == nil { try spool.bind(toArchive: archive.identity.archive) }
                return try body(SweepLocks(spool: spool, archive: archive))
            }
        }
    }
}
