package import DurableFiles

// A sweep's files are made whole in its staging folder, under names that their paths give, and its record last of all.
// So a staging with a record is complete, and one without is of no use.
extension ArchiveFolder {
    /// Where a sweep stages its files.
    package struct Staging: Sendable {
        fileprivate let folder: Folder

        /// Starts the file of this path in the archive, in place of any that an interrupted attempt left.
        package func file(_ path: String) throws(FileError) -> NewFile {
            try folder.newFile(ArchivePath.stagedName(path), replacingLeftover: true)
        }
    }

    package func makeStaging(_ sweep: Int) throws(FileError) -> Staging {
        Staging(folder: try root.makeFolder(ArchivePath.staging(sweep)))
    }

    /// Completes the staging, once all of its files are durable.
    ///
    /// One sync of the filesystem, not one for each file and folder: there may be tens of thousands.
    package func stage(_ record: SweepRecord) throws {
        try root.syncFilesystem()
        try root.replace(ArchivePath.stagedRecord(record.sweep), with: RecordCoding.encode(record))
    }

    /// The record of a complete staging; nil where the staging is not complete, or its record is published already.
    package func stagedRecord(_ sweep: Int) throws -> SweepRecord? {
        try record(at: ArchivePath.stagedRecord(sweep))
    }

    /// The record of a published sweep; nil where there is none.
    package func record(_ sweep: Int) throws -> SweepRecord? {
        try record(at: ArchivePath.record(sweep))
    }

    private func record(at path: String) throws -> SweepRecord? {
        guard let bytes = try root.contents(of: path) else { return nil }
        return try RecordCoding.decode(SweepRecord.self, from: bytes, path: root.path(of: path))
    }

    /// Renames a sweep's files onto their final names, and its record last, when those are durable. What is renamed
    /// already is left as it is.
    ///
    /// - Parameter observe: called with each path before it is renamed.
    /// - Throws: ``ArchiveError/differs(_:_:)`` where a file is neither staged nor at its final length.
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
        // Also where all were renamed already: the interrupted sweep may not have come as far as this.
        try root.syncFilesystem()
        let final = ArchivePath.record(record.sweep)
        try observe(final)
        let sweeps = try root.makeFolder(ArchivePath.sweeps)
        try root.renameIfPresent(
            ArchivePath.stagedRecord(record.sweep), to: sweeps, as: ArchivePath.split(final).name)
        try sweeps.sync()
    }

    /// Makes the folders that a sweep's files go to, durably: a rename into a folder whose own name is lost would lose the
    /// file under both its names.
    private func makeFolders(of record: SweepRecord) throws {
        if try root.makeFolders(record.files.lazy.map { ArchivePath.split($0.path).folder }) {
            try root.syncFilesystem()
        }
    }

    /// Whether some of a sweep's files are not staged any more.
    package func hasBegunToPublish(_ record: SweepRecord) throws -> Bool {
        try record.files.contains { try root.status(of: ArchivePath.staged($0.path, record.sweep)) == nil }
    }

    /// Takes away what is left of a sweep's staging, its record first: a staging with a record is complete at any
    /// moment.
    package func removeStaging(_ sweep: Int) throws {
        let (folder, name) = ArchivePath.split(ArchivePath.stagedRecord(sweep))
        if let staging = try root.folder(folder), try staging.remove(name) { try staging.sync() }
        try root.removeTree(ArchivePath.staging(sweep))
        try root.folder(ArchivePath.sweeps)?.sync()
    }
}
