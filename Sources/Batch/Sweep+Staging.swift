internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Spool
internal import Webhooks

extension Sweep {
    /// Writes every file that gets lines, whole, into the staging, and tells the index of their new states.
    ///
    /// Each thread writes one file at a time, so that memory holds a few blocks and not the sweep.
    ///
    /// - Returns: what the record tells of them, by path.
    func stage(
        _ decisions: Decisions, of scans: [EnvironmentScan], sweep: Int, place: Workplace,
        _ transaction: IndexTransaction
    ) throws -> [SweepRecord.FileChange] {
        let groups = decisions.groups.sorted { $0.file.path < $1.file.path }
        let sources = Dictionary(
            uniqueKeysWithValues: scans.map { ($0.part.environment, (reader($0.part), $0.scan.entries)) })
        let archive = place.archive
        let staging = try archive.makeStaging(sweep)
        var changes: [SweepRecord.FileChange] = []
        try pipeline.run(groups.count, inBatches: true) {
            Deflater()
        } make: { deflater, number in
            let group = groups[number]
            guard let (reader, entries) = sources[group.file.environment] else {
                preconditionFailure("a group comes from an environment that was scanned")
            }
            try Self.requireAsKnown(group, archive)
            let earlier = try group.isNew ? nil : GzipFile(group.file.reference, in: archive)
            var appender = try GzipAppender(
                after: earlier, to: staging.file(group.file.path), deflater: deflater)
            let lines = decisions.lines[group.file.environment] ?? KeptLines()
            for item in group.items {
                try Self.append(item, entries[Int(item.entry)], lines, decisions, reader, to: &appender)
            }
            return try appender.finish()
        } take: { number, staged in
            var file = groups[number].file
            try observe(.staging(file.path))
            let before = groups[number].isNew ? nil : file.state
            changes.append(SweepRecord.FileChange(path: file.path, before: before, after: staged.state))
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

    private static func append(
        _ item: Decisions.Item, _ entry: SpoolEntry, _ lines: KeptLines, _ decisions: Decisions, _ reader: EntryReader,
        to appender: inout GzipAppender
    ) throws {
        switch item.fate {
        case .line(let start):
            try lines.withLine(of: item.entry, at: start) { try appender.append($0) }
        case .event(let prefix):
            try appender.append(reader.event(entry, id: entry.id, reader.contents(entry, prefix: prefix)).bytes)
        case .redelivery(let place):
            var redelivery = decisions.redeliveries[Int(place)]
            if redelivery.differing != nil {
                redelivery.differing = try reader.contents(entry, prefix: redelivery.hash.prefix).payload
            }
            try appender.append(LedgerLine.redelivery(redelivery).bytes)
        case .quarantine(let place):
            try appender.append(LedgerLine.quarantine(decisions.quarantines[Int(place)]).bytes)
        }
    }

    /// Never append blind: the file must be exactly what the index knows, or not be there.
    private static func requireAsKnown(_ group: Decisions.Group, _ archive: ArchiveFolder) throws {
        let size = try archive.root.status(of: group.file.path)?.size
        let expected = group.isNew ? nil : group.file.state.gzipBytes
        guard size != expected else { return }
        throw ArchiveError.differs(
            archive.root.path(of: group.file.path),
            "the index knows it with \(expected.map(String.init) ?? "no") bytes, and it has "
                + "\(size.map(String.init) ?? "none")")
    }
}
