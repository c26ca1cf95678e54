package import Archive
internal import DurableFiles
package import Spool

/// A spool and the archive that it is swept into, both locked: while this lives, no other process changes either.
package final class Workplace {
    package let spool: SpoolFolder
    package let archive: ArchiveFolder
    private let spoolLock: FolderLock
    private let archiveLock: FolderLock

    /// Takes both locks, the spool's first; makes the archive where there is none, and binds the spool to it for good.
    ///
    /// - Parameter timeZone: as of ``ArchiveFolder/make(_:timeZone:)``.
    /// - Throws: ``BatchError/otherArchive(spool:bound:archive:)`` where the spool was swept into another archive
    /// before.
    package init(spool spoolPath: String, archive archivePath: String, timeZone: String? = nil, purpose: String) throws
    {
        guard try Folder.existing(spoolPath) != nil else { throw BatchError.noSpool(spoolPath) }
        spool = try SpoolFolder(spoolPath)
        spoolLock = try spool.lock(purpose: purpose)
        let bound = try spool.archiveID()
        // Where the spool has an archive, a folder without one is the wrong folder, or a disk that is not there.
        if bound != nil { _ = try ArchiveFolder(archivePath) }
        archive = try ArchiveFolder.make(archivePath, timeZone: timeZone)
        archiveLock = try archive.lock(purpose: purpose)
        if let bound, bound != archive.identity.archive {
            throw BatchError.otherArchive(spool: spoolPath, bound: bound, archive: archivePath)
        }
        if bound == nil { try spool.bind(toArchive: archive.identity.archive) }
    }
}

package enum BatchError: Error, CustomStringConvertible {
    case noSpool(String)
    case otherArchive(spool: String, bound: String, archive: String)
    /// An entry's bytes are not those that were read a moment before.
    case changed(String)
    case notHeld(String, String)

    package var description: String {
        switch self {
        case .noSpool(let path):
            "\(path) is no spool; name the right folder with --spool, or start daybook-receiver on it"
        case .otherArchive(let spool, let bound, let archive):
            "\(spool) is swept into the archive \(bound), and \(archive) is another; name the right folder with --archive"
        case .changed(let path):
            "\(path) was changed while it was swept; put files into new/ by rename only, then sweep again"
        case .notHeld(let id, let state):
            "\(id) is not held in quarantine: \(state); see `daybook quarantine list`"
        }
    }
}
