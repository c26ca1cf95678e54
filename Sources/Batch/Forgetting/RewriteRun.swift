internal import Archive
internal import ArchiveIndex
internal import Parallel
internal import Webhooks

/// Commits that files are written again with tombstones in place of some lines, and seals their days again.
///
/// The whole change is one record with one commit. The earlier seals of a day still prove every line that is left, by the
/// hash of its lines.
struct RewriteRun {
    private let archive: ArchiveFolder
    private let index: IndexDatabase
    private let pipeline: Pipeline
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameter observe: As in ``Sweep/init(_:now:observe:)``.
    init(
        _ archive: ArchiveFolder, _ index: IndexDatabase, pipeline: Pipeline = Pipeline(),
        observe: @escaping (Sweep.Point) throws -> Void
    ) {
        self.archive = archive
        self.index = index
        self.pipeline = pipeline
        self.observe = observe
    }

    /// A file that was written again.
    struct Rewritten {
        /// The file as it was.
        let file: IndexedFile
        let state: GzipState
        let blocks: [GzipBlock]
        /// The lines that became tombstones.
        let gone: Set<Int>
    }

    /// Commits the change, publishes it, and seals the days again that were sealed.
    ///
    /// - Parameters:
    ///   - files: The files, in the order of the paths.
    ///   - gone: Why the lines are gone.
    ///   - stage: Writes the files into the staging, and passes them on in order.
    /// - Returns: The record, and the damaged files because of which days are not sealed yet.
    func commit(
        _ files: [IndexedFile], _ gone: Tombstone.Gone, _ decider: Decider,
        stage: (IndexSnapshot, _ number: Int, ArchiveFolder.Staging, (Rewritten) throws -> Void) throws -> Void
    ) throws -> (SweepRecord, unsealed: [BlockedFile]) {
        let change = RecordedChange(archive, index, observe: observe)
        let record = try change.decide { transaction, number in
            var changes: [FileChange] = []
            try stage(transaction.snapshot, number, archive.makeStaging(number)) { rewritten in
                var file = rewritten.file
                try observe(.staging(file.path))
                changes.append(FileChange(path: file.path, rewritten: file.state, as: rewritten.state))
                (file.state, file.sweep) = (rewritten.state, number)
                try transaction.rewrite(file, blocks: rewritten.blocks)
                for line in rewritten.gone {
                    switch file.kind {
                    case .archives: try transaction.addTombstone(gone, ofLine: line, in: file, sweep: number)
                    case .ledgers: try transaction.removePayload(ofRedelivery: line, in: file)
                    }
                }
            }
            try observe(.staged)
            let record = SweepRecord(
                sweep: number, kind: gone == .erased ? .erase : .repair, decider, days: Self.days(of: files),
                files: changes.count, compressed: changes.reduce(0) { $0 &+ $1.growth })
            try archive.stage(record, changes)
            return record
        }
        try change.clear(record)
        return (record, try sealAgain(record.days, at: decider.now))
    }

    private static func days(of files: [IndexedFile]) -> [SweepRecord.DayCounts] {
        var days: Set<String> = []
        return files.map { SweepRecord.DayCounts(environment: $0.environment, day: $0.day.description) }
            .filter { days.insert("\($0.environment) \($0.day)").inserted }
            .sorted { ($0.environment, $0.day) < ($1.environment, $1.day) }
    }

    /// Seals days again that a seal closed before the change.
    private func sealAgain(_ days: [SweepRecord.DayCounts], at now: Timestamp) throws -> [BlockedFile] {
        var sealer = DaySealer(archive, index, at: now, pipeline: pipeline)
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
