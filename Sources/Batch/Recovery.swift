package import Archive
package import ArchiveIndex
internal import DurableFiles
internal import Spool
internal import Webhooks

/// Completes or undoes an interrupted sweep, and opens an index that matches the files.
///
/// Its caller holds the archive's lock.
package struct Recovery {
    private let archive: ArchiveFolder
    private let observe: (Sweep.Point) throws -> Void

    package struct Outcome {
        package let index: IndexDatabase
        /// The sweep that was committed but not completed, or `nil`. Its entries may still be in the spool.
        package let completed: SweepRecord?
        package let rebuiltIndex: Bool
    }

    /// - Parameter observe: As in ``Sweep/init(_:now:observe:)``.
    package init(_ archive: ArchiveFolder, observe: @escaping (Sweep.Point) throws -> Void = { _ in }) {
        self.archive = archive
        self.observe = observe
    }

    /// Rebuilds the index of the archive at a path, after completing or undoing an interrupted sweep.
    ///
    /// Takes the archive's lock.
    package static func reindex(_ path: String, progress: @escaping Rebuild.Progress) throws {
        let archive = try ArchiveFolder(path)
        try archive.withLock(purpose: "a reindex") {
            do {
                _ = try Recovery(archive).run()
            } catch IndexError.corrupt, IndexError.newerSchema {
                // Such an index does not show what was committed, so it is worth no more than a missing one.
                try IndexDatabase.remove(in: archive)
                _ = try Recovery(archive).run()
            }
            _ = try Rebuild(archive, progress: progress).run(keepsBetter: true)
        }
    }

    package func run() throws -> Outcome {
        var rebuilt = false
        // A staging is a sign of an interruption. What was synced before it is unknown: a folder, say, but not its name.
        if try !archive.stagedSweeps().isEmpty { try archive.root.syncFilesystem() }
        let hasIndex = try IndexDatabase.exists(in: archive)
        var index = try IndexDatabase.open(forWritingIn: archive)
        let lastKnown = try index.read { try $0.lastSweep() }
        try publishUnknown(after: lastKnown, hasIndex: hasIndex)
        if let last = try archive.recordedSweeps().last, lastKnown < last {
            index = try Rebuild(archive).run()
            rebuilt = true
        }

        if try index.read(isRestored) {
            index = try Rebuild(archive).run()
            rebuilt = true
        }

        var open = try index.read { try $0.openSweeps() }
        for (sweep, state) in open where state == .committed { try undoIfDamaged(sweep, index) }
        if try open.contains(where: { try $0.state == .committed && archive.anyRecord($0.sweep) == nil }) {
            // The commit failed and its staging was removed, but what it wrote to the index outlived the process. Or the staging
            // was damaged. None of it is published, so the files are as they were before it.
            index = try Rebuild(archive).run()
            rebuilt = true
            open = []
        }
        var completed: SweepRecord?
        for (sweep, state) in open {
            guard let record = try archive.anyRecord(sweep)?.record else {
                throw ArchiveError.differs(
                    archive.root.path(of: ArchivePath.record(sweep)),
                    "it is missing, but according to the index the sweep is \(state.rawValue)")
            }
            if state == .committed {
                try archive.publish(sweep) { try observe(.publishing($0)) }
                try index.write { try $0.set(.published, of: sweep) }
            }
            completed = completed ?? record
        }
        for sweep in try archive.stagedSweeps() where !open.contains(where: { $0.sweep == sweep }) {
            try archive.removeStaging(sweep)
        }
        return Outcome(index: index, completed: completed, rebuiltIndex: rebuilt)
    }

    /// Returns whether a file that was damaged when the index was rebuilt can be read now.
    private func isRestored(_ snapshot: IndexSnapshot) throws -> Bool {
        for path in Set(try snapshot.damage().map(\.path)) {
            do {
                if try canBeRead(path, snapshot) { return true }
            } catch {
                guard BlockedFile(error) != nil else { throw error }
            }
        }
        return false
    }

    /// Reads an archive file, a ledger, a record, or a seal to its end.
    ///
    /// - Returns: Whether it is there, and known.
    private func canBeRead(_ path: String, _ snapshot: IndexSnapshot) throws -> Bool {
        if let parts = ArchivePath.parse(path) {
            guard let file = try snapshot.file(parts.isLedger ? .ledgers : .archives, path: path) else { return false }
            try GzipFile(file.reference, in: archive).stream { _ in }
            return true
        }
        if let number = ArchivePath.sweep(ofRecord: path) {
            guard var reader = try archive.record(number) else { return false }
            while try reader.next() != nil {}
            return true
        }
        for environment in Environment.allCases {
            let folder = "\(ArchivePath.environment(environment))/"
            if path.hasPrefix(folder) {
                _ = try archive.sealWithLeaves(environment, String(path.dropFirst(folder.count)))
            }
        }
        return true
    }

    /// Publishes complete stagings of sweeps that the index does not know.
    ///
    /// If there is no index, it is unknown whether such a sweep was committed. If its staging is complete, publishing and
    /// undoing are both right; it is published. If the index is an older one, from a backup, a sweep is published only if it
    /// has begun to be: then it was committed.
    func publishUnknown(after lastKnown: Int, hasIndex: Bool) throws {
        for sweep in try archive.stagedSweeps() where !hasIndex || sweep > lastKnown {
            guard try archive.stagedRecord(sweep) != nil, try !hasIndex || archive.hasBegunToPublish(sweep)
            else { continue }
            if try archive.damagedStagedFile(of: sweep) == nil {
                try archive.publish(sweep) { try observe(.publishing($0)) }
            } else {
                try archive.undo(sweep)
            }
        }
    }

    /// Undoes a sweep whose staging is damaged.
    private func undoIfDamaged(_ sweep: Int, _ index: IndexDatabase) throws {
        if let cause = try archive.damageOfStagedRecord(sweep) {
            guard try index.read({ try $0.hasPublished(sweep, in: archive) }) else {
                return try archive.removeStaging(sweep)
            }
            // Some files were renamed, and only the record has what they were before.
            var repair = try RepairRun(archive, index: index)
            guard try repair.deriveStagedRecord(sweep) else {
                throw ArchiveError.differs(archive.root.path(of: ArchivePath.stagedRecord(sweep)), cause)
            }
        }
        if try archive.damagedStagedFile(of: sweep) != nil { try archive.undo(sweep) }
    }
}
