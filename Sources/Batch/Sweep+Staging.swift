internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
internal import Webhooks

extension Sweep {
    /// Writes every file that gets lines, whole, into the staging, and tells the index of their new states.
    ///
    /// One file after another, so that memory holds one block and not the sweep.
    ///
    /// - Returns: what the record tells of them, by path.
    func stage(
        _ decisions: Decisions, of scans: [EnvironmentScan], sweep: Int, place: Workplace,
        _ transaction: IndexTransaction
    ) throws -> [SweepRecord.FileChange] {
        for group in decisions.groups { try requireAsKnown(group, place.archive) }
        let deflater = Deflater()
        let reader = PayloadReader(rules: configuration.rules)
        var changes: [SweepRecord.FileChange] = []
        for group in decisions.groups.sorted(by: { $0.file.path < $1.file.path }) {
            guard let scan = scans.first(where: { $0.part.environment == group.file.environment }) else { continue }
            try observe(.staging(group.file.path))
            let before = group.isNew ? nil : group.file.state
            let earlier = try group.isNew ? nil : GzipFile(group.file.reference, in: place.archive)
            var appender = try GzipAppender(
                after: earlier, to: place.archive.stage(group.file.path, sweep: sweep), deflater: deflater)
            for item in group.items {
                try appender.append(line(item, decisions, scan, reader))
            }
            let (after, added) = try appender.finish()
            try place.archive.syncStaged(group.file.path, sweep: sweep)
            changes.append(SweepRecord.FileChange(path: group.file.path, before: before, after: after))

            var file = group.file
            file.state = after
            file.sweep = sweep
            try transaction.put(file)
            if file.kind == .archives {
                try transaction.add(
                    added, to: file.row, firstLine: before?.lines ?? 0,
                    offset: before.map { $0.gzipBytes - GzipMember.endCount } ?? GzipMember.header.count)
            }
        }
        return changes
    }

    /// The line of an item, from the entry read once more.
    private func line(
        _ item: Decisions.Item, _ decisions: Decisions, _ scan: EnvironmentScan, _ reader: PayloadReader
    ) throws -> [UInt8] {
        let part = scan.part
        let entry = scan.scan.entries[Int(item.entry)]
        func contents(_ prefix: UInt64) throws -> EnvironmentSpool.Contents {
            let contents = try part.read(entry)
            guard contents.hash.prefix == prefix else { throw BatchError.changed(part.new.path(of: entry.name.body)) }
            return contents
        }
        switch item.fate {
        case .event(let prefix):
            return try Self.line(
                entry, id: entry.id, contents(prefix), part.environment, reader: reader,
                idHeader: configuration.idHeader
            ).bytes
        case .redelivery(let place):
            var redelivery = decisions.redeliveries[Int(place)]
            if redelivery.differing != nil { redelivery.differing = try contents(redelivery.hash.prefix).payload }
            return LedgerLine.redelivery(redelivery).bytes
        case .quarantine(let place):
            return LedgerLine.quarantine(decisions.quarantines[Int(place)]).bytes
        }
    }

    /// Never append blind: the file must be exactly what the index knows, or not be there.
    private func requireAsKnown(_ group: Decisions.Group, _ archive: ArchiveFolder) throws {
        let size = try archive.root.status(of: group.file.path)?.size
        let expected = group.isNew ? nil : group.file.state.gzipBytes
        guard size != expected else { return }
        throw ArchiveError.differs(
            archive.root.path(of: group.file.path),
            "the index knows it with \(expected.map(String.init) ?? "no") bytes, and it has "
                + "\(size.map(String.init) ?? "none")")
    }
}
