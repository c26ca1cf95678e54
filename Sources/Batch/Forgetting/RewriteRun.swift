internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Webhooks

/// Writes files again with tombstones in place of some lines, and seals their days again.
///
/// The whole change is one record with one commit. Blocks without such a line keep their bytes. The earlier seals of a day
/// still prove every line that is left, by the hash of its lines.
struct RewriteRun {
    private let archive: ArchiveFolder
    private let index: IndexDatabase
    private let gone: Tombstone.Gone
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameter observe: As in ``Sweep/init(_:now:observe:)``.
    init(
        _ archive: ArchiveFolder, _ index: IndexDatabase, _ gone: Tombstone.Gone,
        observe: @escaping (Sweep.Point) throws -> Void
    ) {
        self.archive = archive
        self.index = index
        self.gone = gone
        self.observe = observe
    }

    /// Commits the change, publishes it, and seals the days again that were sealed.
    ///
    /// - Parameter plans: The lines by file, in the order of the paths.
    /// - Returns: The record, and the damaged files because of which days are not sealed yet.
    func commit(
        _ plans: [RewritePlan], _ kind: SweepRecord.Kind, _ decider: Decider
    ) throws -> (SweepRecord, unsealed: [BlockedFile]) {
        let change = RecordedChange(archive, index, observe: observe)
        let record = try change.commit { transaction, number in
            let files = try stage(plans, transaction, number)
            var record = SweepRecord(
                sweep: number, kind: kind, started: decider.now.description, days: Self.days(of: plans), files: files)
            (record.by, record.reason) = (decider.name, decider.reason)
            try archive.stage(record, files)
            return record
        }
        try change.clear(record)
        return (record, try sealAgain(record.days, at: decider.now))
    }

    private static func days(of plans: [RewritePlan]) -> [SweepRecord.DayCounts] {
        var days: Set<String> = []
        return plans.map { SweepRecord.DayCounts(environment: $0.file.environment, day: $0.file.day.description) }
            .filter { days.insert("\($0.environment) \($0.day)").inserted }
            .sorted { ($0.environment, $0.day) < ($1.environment, $1.day) }
    }

    /// Stages the files on all threads, and changes their rows in the index.
    private func stage(_ plans: [RewritePlan], _ transaction: IndexTransaction, _ number: Int) throws -> [FileChange] {
        let staging = try archive.makeStaging(number)
        var changes: [FileChange] = []
        try Pipeline().run(plans.count) {
            (deflater: Deflater(), inflater: Inflater())
        } produce: { [archive, gone] tools, place in
            let plan = plans[place]
            let file = try GzipFile(plan.file.reference, in: archive)
            return try file.rewrite(
                to: staging.file(plan.file.path), deflater: tools.deflater, inflater: tools.inflater
            ) { line, place in
                guard plan.lines.contains(place) else { return nil }
                let tombstone = Tombstone(lineHash: ContentHash(of: Array(line)), gone: gone, record: number)
                do {
                    return try Self.replacement(of: line, in: plan.file, tombstone)
                } catch let fault as LineFault {
                    throw ArchiveError.differs(file.fullPath, "line \(place + 1) cannot be parsed: \(fault)")
                }
            }
        } consume: { place, written in
            var file = plans[place].file
            try observe(.staging(file.path))
            changes.append(FileChange(path: file.path, rewritten: file.state, as: written.state))
            (file.state, file.sweep) = (written.state, number)
            try transaction.rewrite(file, blocks: written.blocks)
            for line in plans[place].lines {
                switch file.kind {
                case .archives: try transaction.addTombstone(gone, ofLine: line, in: file, sweep: number)
                case .ledgers: try transaction.removePayload(ofRedelivery: line, in: file)
                }
            }
        }
        try observe(.staged)
        return changes
    }

    /// Returns the line that replaces another, including its LF.
    private static func replacement(
        of line: ArraySlice<UInt8>, in file: IndexedFile, _ tombstone: Tombstone
    ) throws -> [UInt8]? {
        switch file.kind {
        case .archives: return try EventTombstone(of: EventLine(line), tombstone).bytes
        case .ledgers:
            guard case .redelivery(var again) = try LedgerLine(line) else { return nil }
            (again.differing, again.tombstone) = (nil, tombstone)
            return LedgerLine.redelivery(again).bytes
        }
    }

    /// Seals days again that a seal closed before the change.
    private func sealAgain(_ days: [SweepRecord.DayCounts], at now: Timestamp) throws -> [BlockedFile] {
        var sealer = DaySealer(archive, index, at: now)
        for (environment, days) in Dictionary(grouping: days, by: \.environment).sorted(by: { $0.key < $1.key }) {
            let sealed = try index.read { snapshot in
                try days.compactMap { CivilDate($0.day) }.filter { try !snapshot.seals(environment, $0).isEmpty }
            }
            if sealed.isEmpty { continue }
            try sealer.seal(environment) {
                sealed
            } observe: {
                try observe(.sealing(environment, $0))
            }
        }
        try observe(.sealed)
        return sealer.unsealable
    }
}
