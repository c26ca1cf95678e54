internal import Archive
internal import ArchiveIndex
internal import DurableFiles
package import Parallel
internal import Webhooks

/// Restores damaged files of an archive to their recorded bytes.
///
/// | a file | has its hash in | is restored from |
/// | --- | --- | --- |
/// | `_daybook.json` | itself | its copy |
/// | a record | the index: its counts | a copy; the index, the other records, and the files |
/// | an archive file, a ledger | the records | itself and copies, block by block |
/// | the index | | the files |
/// | a seal | the index, the next seal | a copy; the files and the index |
/// | its statement, its leaves | the seal | a copy; the files and the index |
/// | its signature | the seal, by its key | a copy |
/// | a sealed day of the access log | its seal; the next seal of the log | a copy |
///
/// This is the order of the steps, too, since each may need those before it. A restored file is written beside the
/// damaged one, must have its hash, and replaces it by a rename. So a repair that is killed at any moment leaves damaged
/// files and restored ones, and the next repair goes on. Nothing that is not damaged is written, and nothing changes what
/// was recorded, except by a salvage: what no copy has is recorded as lost; see ``Salvage``.
package struct Repair {
    private let path: String
    private let copies: [String]
    private let acts: Bool
    private let salvager: Decider?
    private let pipeline: Pipeline
    private let progress: (String) throws -> Void

    /// - Parameters:
    ///   - archive: The path of the archive.
    ///   - copies: The paths of copies of the archive, or of evidence bundles. Earlier ones are preferred.
    ///   - acts: Whether to restore the files, or only to find out what would be restored.
    ///   - salvager: Who decides that archive files and ledgers are written again without what no copy has; `nil` to leave
    ///     them as they are.
    ///   - pipeline: The threads that read the files of a day that is sealed again. The result does not depend on their
    ///     number.
    ///   - progress: Called with the path of each file before it is read.
    package init(
        _ archive: String, from copies: [String], acts: Bool, salvager: Decider? = nil, pipeline: Pipeline = Pipeline(),
        progress: @escaping (String) throws -> Void = { _ in }
    ) {
        path = archive
        self.copies = copies
        self.acts = acts
        self.salvager = salvager
        self.pipeline = pipeline
        self.progress = progress
    }

    /// Returns the damaged files.
    ///
    /// - Throws: ``BatchError/notACopy(_:_:)``; `FolderLock.Held` if another process writes to the archive;
    ///   ``ArchiveError/differs(_:_:)`` if there is something to salvage, and no index that knows what was lost.
    package func run() throws -> [RepairedFile] {
        let archive = try open()
        let copies = try copies.map { try RepairCopy($0, of: archive.identity.archive) }
        return try archive.withLock(purpose: "a repair") {
            let run = try repair(archive, copies)
            guard let salvager else { return run.files }
            let lost = run.files.filter { $0.outcome == .lost && ArchivePath.parse($0.path) != nil }
            guard !lost.isEmpty else { return run.files }
            guard let index = run.index, try index.read({ try $0.damage() }).isEmpty else {
                throw ArchiveError.differs(
                    archive.root.path(of: IndexDatabase.fileName),
                    "it does not know what was in \(lost[0].path); restore it from a backup, then salvage")
            }
            let salvage = Salvage(run, index)
            let files = try salvage.files(of: lost)
            if acts { try salvage.commit(files, salvager) }
            let paths = Set(files.map(\.path))
            let salvaged = lost.filter { paths.contains($0.path) }.map { file in
                var file = file
                (file.outcome, file.from) = (acts ? .salvaged : .salvageable, ["whole blocks", "the index"])
                return file
            }
            // What was derived from these files could not be restored before.
            let rest = acts ? try repair(archive, copies).files : run.files.filter { !paths.contains($0.path) }
            let restored = run.files.filter { $0.outcome == .restored }
            return restored + salvaged + rest
        }
    }

    private func repair(_ archive: ArchiveFolder, _ copies: [RepairCopy]) throws -> RepairRun {
        do {
            return try repair(RepairRun(archive, copies, acts: acts, pipeline: pipeline, progress: progress))
        } catch IndexError.corrupt(_, let cause) {
            // Its structure is sound, and a row is not. What was restored so far is restored.
            return try repair(
                RepairRun(
                    archive, copies, damagedIndex: "it cannot be read: \(cause)", acts: acts, pipeline: pipeline,
                    progress: progress))
        }
    }

    private func repair(_ run: RepairRun) throws -> RepairRun {
        var run = run
        try run.restoreMarkers()
        try run.restoreRecords()
        try run.restoreFiles()
        try run.deriveRecords()
        try run.rebuildIndex()
        try run.restoreSeals()
        try run.restoreAccessLog()
        return run
    }

    /// Opens the archive. If both copies of `_daybook.json` are lost, those of the first copy that has one are used.
    private func open() throws -> ArchiveFolder {
        do {
            return try ArchiveFolder(path)
        } catch let error as ArchiveError {
            guard let copy = copies.lazy.compactMap({ try? ArchiveFolder($0) }).first else { throw error }
            return try ArchiveFolder(path, withMarkersOf: copy)
        }
    }
}
