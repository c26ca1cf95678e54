internal import DurableFiles
internal import Webhooks

/// A staging that was damaged after its sweep was committed cannot be published. The spool still has each delivery then, so
/// the sweep is undone, and made again.
extension ArchiveFolder {
    /// Returns what is wrong with the record in a sweep's staging, or `nil` if it can be read, or the sweep has no staging.
    package func damageOfStagedRecord(_ sweep: Int) throws -> String? {
        guard try stagedSweeps().contains(sweep) else { return nil }
        do {
            guard var reader = try anyRecord(sweep) else { return "it is missing" }
            while try reader.next() != nil {}
            return nil
        } catch ArchiveError.differs(_, let cause), ArchiveError.unreadable(_, let cause) {
            return cause
        }
    }

    /// Returns the path of a staged file that is lost, or not as the record lists it, or `nil` if all can be published.
    ///
    /// - Throws: ``ArchiveError`` if the record cannot be read.
    package func damagedStagedFile(of sweep: Int) throws -> String? {
        guard var reader = try stagedRecord(sweep) else { return nil }
        while let change = try reader.next() {
            guard !change.isRemoval else { continue }
            let path = ArchivePath.staged(change.path, sweep)
            if let staged = try root.file(path) {
                if try staged.size != change.after.gzip || hash(of: staged) != change.hash { return path }
            } else if try root.status(of: change.path)?.size != change.after.gzip {
                return path
            }
        }
        return nil
    }

    private func hash(of file: ReadFile) throws(FileError) -> ContentHash {
        var hash = RunningHash()
        try file.forEachPiece { hash.add($0) }
        return hash.value
    }

    /// Undoes a sweep that is not published completely: files that were renamed get their previous state again, and the
    /// staging is removed. If this is interrupted, it can be done again.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the sweep has begun to replace files, whose previous bytes are gone.
    package func undo(_ sweep: Int) throws {
        guard var reader = try stagedRecord(sweep) else { return }
        let rewrites = reader.record.kind.rewrites
        if rewrites, try hasBegunToPublish(sweep) {
            throw ArchiveError.differs(
                root.path(of: ArchivePath.staging(sweep)),
                "a file in it is damaged, and record \(sweep) has already replaced others")
        }
        while !rewrites, let change = try reader.next() {
            guard try root.status(of: ArchivePath.staged(change.path, sweep)) == nil,
                let file = try root.file(change.path), file.size == change.after.gzip
            else { continue }
            if change.before.gzip == 0 {
                try remove(change.path)
            } else {
                let published = GzipFile(path: change.path, whole: file)
                guard let state = try Self.state(of: published, gzipBytes: change.before.gzip) else {
                    throw ArchiveError.differs(file.path, "its state before sweep \(sweep) cannot be read")
                }
                try GzipFile(path: change.path, state: state, file: file).copy(to: file.path)
            }
        }
        try root.syncFilesystem()
        try removeStaging(sweep)
    }
}
