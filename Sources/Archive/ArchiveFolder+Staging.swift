package import DurableFiles
package import Parallel

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
    ///
    /// - Parameter files: The changes that the record lists, sorted by path.
    package func stage(_ record: SweepRecord, _ files: [FileChange]) throws {
        try stage(record) { add in for file in files { try add(file) } }
    }

    /// Completes the staging once all of its files are durable.
    ///
    /// - Parameter forEachFile: Calls its argument with the changes that the record lists, sorted by path.
    package func stage(_ record: SweepRecord, _ forEachFile: ((FileChange) throws -> Void) throws -> Void) throws {
        try root.syncFilesystem()
        try write(record, to: ArchivePath.stagedRecord(record.sweep), forEachFile)
    }

    /// Writes a record, durably.
    ///
    /// - Parameter forEachFile: Calls its argument with the changes that the record lists, sorted by path.
    package func write(
        _ record: SweepRecord, to path: String, _ forEachFile: ((FileChange) throws -> Void) throws -> Void
    ) throws {
        let (folder, name) = ArchivePath.split(path)
        let staging = try root.makeFolder(folder)
        var lines = try GzipAppender(
            after: nil, to: staging.newFile(".\(name)", replacingLeftover: true), deflater: Deflater())
        try lines.append(RecordCoding.encode(record))
        try forEachFile { try lines.append($0.bytes) }
        try lines.commit(as: name)
    }

    /// Returns the record of a complete staging, or `nil` if the staging is not complete, or its record is
    /// published already.
    package func stagedRecord(_ sweep: Int) throws -> RecordReader? {
        try RecordReader(ArchivePath.stagedRecord(sweep), in: root)
    }

    /// Returns the record of a published sweep, or `nil` if there is none.
    package func record(_ sweep: Int) throws -> RecordReader? {
        try RecordReader(ArchivePath.record(sweep), in: root)
    }

    /// Returns the record of a sweep, staged or published, or `nil` if there is none.
    package func anyRecord(_ sweep: Int) throws -> RecordReader? {
        // It may be published between the two look-ups.
        try record(sweep) ?? stagedRecord(sweep) ?? record(sweep)
    }

    /// Calls `body` with each file that a sweep changed.
    private func forEachFile(of sweep: Int, _ body: (FileChange) throws -> Void) throws {
        guard var reader = try anyRecord(sweep) else {
            throw ArchiveError.differs(root.path(of: ArchivePath.record(sweep)), "it is missing")
        }
        while let change = try reader.next() { try body(change) }
    }

    /// Renames a sweep's files to their final names, or removes those that it prunes, and then renames its record, when all
    /// of that is durable. Files that were renamed already are left as they are.
    ///
    /// - Parameters:
    ///   - pipeline: Makes the folders. Renames between folders exclude one another (rename(2) on Linux), so threads do not
    ///     help with them.
    ///   - observe: Called with each path before it is renamed.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a file is neither staged nor at its final length.
    package func publish(
        _ sweep: Int, _ pipeline: Pipeline = Pipeline(threads: 1), observe: (String) throws -> Void
    ) throws {
        try makeFolders(of: sweep, pipeline)
        try forEachFile(of: sweep) { change in
            try observe(change.path)
            if change.isRemoval { return try remove(change.path) }
            let isRenamed = try root.renameIfPresent(
                ArchivePath.staged(change.path, sweep), to: root, as: change.path)
            if try !isRenamed && root.status(of: change.path)?.size != change.after.gzip {
                throw ArchiveError.differs(
                    root.path(of: change.path),
                    "sweep \(sweep) made it \(change.after.gzip) bytes, and it is neither that long nor staged")
            }
        }
        // This is needed even if all files were renamed already: the interrupted sweep may not have got this
        // far.
        try root.syncFilesystem()
        let final = ArchivePath.record(sweep)
        try observe(final)
        let sweeps = try root.makeFolder(ArchivePath.sweeps)
        try root.renameIfPresent(
            ArchivePath.stagedRecord(sweep), to: sweeps, as: ArchivePath.split(final).name)
        try sweeps.sync()
    }

    /// Removes a file, and the folders that are empty then.
    func remove(_ path: String) throws {
        var (folder, name) = ArchivePath.split(path)
        try root.folder(folder)?.remove(name)
        while folder.contains("/") {
            (folder, name) = ArchivePath.split(folder)
            guard let parent = try root.folder(folder), try parent.removeIfEmpty(name) else { return }
        }
    }

    /// Creates the folders for a sweep's files durably. If a folder's own name were lost, a file renamed into it
    /// would be lost under both of its names.
    private func makeFolders(of sweep: Int, _ pipeline: Pipeline) throws {
        var (folders, isAnyMade) = ([String](), false)
        func make() throws {
            let paths = folders
            try pipeline.run(paths.count, inBatches: true) {
            } produce: { [root] _, number in
                try root.makeFolderUnsynced(paths[number])
            } consume: { _, isMade in
                if isMade { isAnyMade = true }
            }
            folders = []
        }
        try forEachFile(of: sweep) { change in
            let folder = ArchivePath.split(change.path).folder
            guard !change.isRemoval, folder != folders.last else { return }
            folders.append(folder)
            if folders.count == 10_000 { try make() }
        }
        try make()
        if isAnyMade { try root.syncFilesystem() }
    }

    /// Returns whether some of a sweep's files are not staged any more, or removed.
    package func hasBegunToPublish(_ sweep: Int) throws -> Bool {
        var hasBegun = false
        try forEachFile(of: sweep) { change in
            let path = change.isRemoval ? change.path : ArchivePath.staged(change.path, sweep)
            if try !hasBegun && root.status(of: path) == nil { hasBegun = true }
        }
        return hasBegun
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
