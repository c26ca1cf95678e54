package import DurableFiles

// A sweep's files are written to its staging folder, under names derived from their paths, and its record last. So a
// staging with a record is complete, and one without is useless.
extension ArchiveFolder {
    /// Returns the staging folder of a sweep.
    package struct Staging: Sendable {
        fileprivate let folder: Folder

        /// Creates a file that will have this path in the archive. It replaces one that an interrupted
        /// attempt left.
        package func file(_ path: String) throws(FileError) -> NewFile {
            try folder.newFile(ArchivePath.stagedName(path), replacingLeftover: true)
        }
    }

    package func makeStaging(_ sweep: Int) throws(FileError) -> Staging {
        Staging(folder: try root.makeFolder(ArchivePath.staging(sweep)))
    }

    /// Completes the staging once all of its files are durable.
    ///
    /// One sync of the filesystem is used, instead of one for each file and folder: there may be tens of
    /// thousands.
    package func stage(_ record: SweepRecord) throws {
        try root.syncFilesystem()
        try root.replace(ArchivePath.stagedRecord(record.sweep), with: RecordCoding.encode(record))
    }

    /// Returns the record of a complete staging, or `nil` if the staging is not complete, or its record is
    /// published already.
    package func stagedRecord(_ sweep: Int) throws -> SweepRecord? {
        try record(at: ArchivePath.stagedRecord(sweep))
    }

    /// Returns the record of a published sweep, or `nil` if there is none.
    package func record(_ sweep: Int) throws -> SweepRecord? {
        try record(at: ArchivePath.record(sweep))
    }

    private func record(at path: String) throws -> SweepRecord? {
        guard let bytes = try root.contents(of: path) else { return nil }
        return try RecordCoding.decode(SweepRecord.self, from: bytes, path: root.path(of: path))
    }

    /// Renames a sweep's files to their final names, and its record last, when they are durable. Files that were
    /// renamed already are left as they are.
    ///
    /// - Parameter observe: Called with each path before it is renamed.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a file is neither staged nor at its final length.
    package func publish(_ record: SweepRecord, observe: (String) throws -> Void) throws {
        try makeFolders(of: record)
        for change in record.files {
            try observe(change.path)
            let isRenamed = try root.renameIfPresent(
                ArchivePath.staged(change.path, record.sweep), to: root, as: change.path)
            if try !isRenamed && root.status(of: change.path)?.size != change.gzip[1] {
                throw ArchiveError.differs(
                    root.path(of: change.path),
                    "sweep \(record.sweep) made it \(change.gzip[1]) bytes, and it is neither "
                        + "that long nor staged")
            }
        }
        // This is needed even if all files were renamed already: the interrupted sweep may not have got this
        // far.
        try root.syncFilesystem()
        let final = ArchivePath.record(record.sweep)
        try observe(final)
        let sweeps = try root.makeFolder(ArchivePath.sweeps)
        try root.renameIfPresent(
            ArchivePath.stagedRecord(record.sweep), to: sweeps, as: ArchivePath.split(final).name)
        try sweeps.sync()
    }

    /// Creates the folders for a sweep's files durably. If a folder's own name were lost, a file renamed into it
    /// would be lost under both of its names.
    private func makeFolders(of record: SweepRecord) throws {
        if try root.makeFolders(record.files.lazy.map { ArchivePath.split($0.path).folder }) {
            try root.syncFilesystem()
        }
    }

    /// Returns whether some of a sweep's files are not staged any more.
    package func hasBegunToPublish(_ record: SweepRecord) throws -> Bool {
        try record.files.contains { try root.status(of: ArchivePath.staged($0.path, record.sweep)) == nil }
    }

    /// Removes what is left of a sweep's staging. The record goes first, so that a staging with a record is
    /// complete at any moment.
    package func removeStaging(_ sweep: Int) throws {
        let (folder, name) = ArchivePath.split(ArchivePath.stagedRecord(sweep))
        if let staging = try root.folder(folder), try staging.remove(name) { try staging.sync() }
        try root.removeTree(ArchivePath.staging(sweep))
        try root.folder(ArchivePath.sweeps)?.sync()
    }
}
