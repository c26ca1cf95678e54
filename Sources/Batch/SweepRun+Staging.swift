internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Spool
internal import Webhooks

extension SweepRun {
    /// Stages every file that gets lines, and the record that lists them.
    ///
    /// - Returns: The record. It and the files are durable.
    func stage(_ transaction: IndexTransaction, sweep: Int) throws -> SweepRecord {
        let files = try stageFiles(transaction, sweep: sweep)
        try reach(.staged)
        let record = SweepRecord(
            sweep: sweep, kind: .sweep, started: now.description, days: plan.days, files: files)
        try archive.stage(record, files)
        return record
    }

    /// Writes each file with its new lines, whole, into the staging, and updates its row in the index.
    ///
    /// Each thread writes one file at a time, so memory holds a few blocks and not the whole sweep.
    ///
    /// - Returns: The changes by path, for the record.
    private func stageFiles(_ transaction: IndexTransaction, sweep: Int) throws -> [FileChange] {
        let groups = plan.groups.sorted { $0.file.path < $1.file.path }
        let writers = Dictionary(
            uniqueKeysWithValues: portions.map {
                (
                    $0.environment,
                    LineWriter(
                        reader: reader($0), entries: $0.entries,
                        lines: plan.lines[$0.environment] ?? KeptLines(start: 0),
                        redeliveries: plan.redeliveries, quarantines: plan.quarantines)
                )
            })
        let staging = try archive.makeStaging(sweep)
        var changes: [FileChange] = []
        try pipeline.run(groups.count, inBatches: true) {
            Deflater()
        } produce: { [archive] deflater, number in
            let group = groups[number]
            guard let writer = writers[group.file.environment] else {
                preconditionFailure("a planned file is of an environment that was scanned")
            }
            try Self.requireUnchanged(group, in: archive)
            let earlier = try group.isNew ? nil : GzipFile(group.file.reference, in: archive)
            var appender = try GzipAppender(
                after: earlier, to: staging.file(group.file.path), deflater: deflater)
            for item in group.items { try writer.write(item, to: &appender) }
            return try appender.finish()
        } consume: { number, staged in
            var file = groups[number].file
            try reach(.staging(file.path))
            let before = groups[number].isNew ? nil : file.state
            changes.append(FileChange(path: file.path, before: before, after: staged.state))
            file.state = staged.state
            file.sweep = sweep
            try transaction.update(file)
            if file.kind == .archives {
                try transaction.add(
                    staged.added, to: file.row, firstLine: before?.lines ?? 0,
                    offset: before.map { $0.gzipBytes - GzipMember.endCount } ?? GzipMember.header.count)
            }
        }
        return changes
    }

    /// Throws unless the file is exactly as long as the index records it, or does not exist if it is new to the index.
    private static func requireUnchanged(_ group: SweepPlan.FileGroup, in archive: ArchiveFolder) throws {
        let size = try archive.root.status(of: group.file.path)?.size
        let expected = group.isNew ? nil : group.file.state.gzipBytes
        guard size != expected else { return }
        func bytes(_ count: Int?) -> String { count.map { "it has \($0) bytes" } ?? "it does not exist" }
        throw ArchiveError.differs(
            archive.root.path(of: group.file.path), "\(bytes(size)), but according to the index \(bytes(expected))")
    }
}
