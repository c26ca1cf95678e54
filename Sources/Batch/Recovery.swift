package import Archive
package import ArchiveIndex
internal import DurableFiles
internal import Spool
internal import Webhooks

/// Finishes or undoes what an interrupted sweep left, and has an index that tells what the files hold.
package struct Recovery {
    private let archive: ArchiveFolder
    private let observe: (Sweep.Point) throws -> Void

    package struct Outcome {
        package let index: IndexDatabase
        /// The sweep that was committed and not finished. Its entries may still stand in the spool.
        package let completed: SweepRecord?
        package let rebuiltIndex: Bool
    }

    package init(_ archive: ArchiveFolder, observe: @escaping (Sweep.Point) throws -> Void = { _ in }) {
        self.archive = archive
        self.observe = observe
    }

    /// Makes the index anew, after finishing or undoing what an interrupted sweep left. Takes the archive's lock.
    ///
    /// - Parameter progress: as of ``Rebuild``.
    package static func reindex(_ path: String, progress: @escaping Rebuild.Progress) throws {
        let archive = try ArchiveFolder(path)
        let lock = try archive.lock(purpose: "a reindex")
        do {
            _ = try Recovery(archive).run()
        } catch IndexError.corrupt, IndexError.newerSchema {
            // It cannot tell what was committed, and so is as good as none.
            try IndexDatabase.remove(in: archive)
            _ = try Recovery(archive).run()
        }
        _ = try Rebuild(archive, progress: progress).run()
        _ = consume lock
    }

    /// For who holds the archive's lock.
    package func run() throws -> Outcome {
        var rebuilt = false
        // Staging tells of an interruption, and then not what was synced: a folder that was made, say, and not its
        // name.
        if try !archive.stagedSweeps().isEmpty { try archive.root.syncFilesystem() }
        // Where no index tells, or an older one as out of a backup, whether a sweep was committed: if its staging is
        // complete, both ways are right, unless it has begun to publish. Then it was committed.
        let isThere = try IndexDatabase.exists(in: archive)
        var index = try IndexDatabase.open(forWritingIn: archive)
        let known = try index.read { try $0.lastSweep() }
        for sweep in try archive.stagedSweeps() where !isThere || sweep > known {
            guard let record = try archive.stagedRecord(sweep), try !isThere || archive.hasBegunToPublish(record) else {
                continue
            }
            try archive.publish(record) { try observe(.publishing($0)) }
        }
        if let last = try archive.recordedSweeps().last, known < last {
            index = try Rebuild(archive).run()
            rebuilt = true
        }

        var completed: SweepRecord?
        var open = try index.read { try $0.openSweeps() }
        if try open.contains(where: { try $0.state == .committed && record(of: $0.sweep) == nil }) {
            // The commit failed, so its staging was taken away, and yet what it had written outlived the process.
            // Nothing of it was published: the files are as they were before it.
            index = try Rebuild(archive).run()
            rebuilt = true
            open = []
        }
        for (sweep, state) in open {
            guard let record = try record(of: sweep) else {
                throw ArchiveError.differs(
                    archive.root.path(of: ArchivePath.record(sweep)),
                    "the index says \(state.rawValue), and it is missing")
            }
            if state == .committed {
                try archive.publish(record) { try observe(.publishing($0)) }
                try index.write { try $0.set(.published, of: sweep) }
            }
            completed = completed ?? record
        }
        for sweep in try archive.stagedSweeps() where !open.contains(where: { $0.sweep == sweep }) {
            try archive.removeStaging(sweep)
        }
        return Outcome(index: index, completed: completed, rebuiltIndex: rebuilt)
    }

    private func record(of sweep: Int) throws -> SweepRecord? {
        try archive.stagedRecord(sweep) ?? archive.record(sweep)
    }
}
