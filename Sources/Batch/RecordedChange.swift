internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel

/// A change of the archive, by a sweep or by what a person decided: staged, committed, published, cleared.
///
/// If it is interrupted, ``Recovery`` completes or undoes it.
struct RecordedChange {
    private let archive: ArchiveFolder
    private let index: IndexDatabase
    private let pipeline: Pipeline
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameter observe: As in ``Sweep/init(_:now:observe:)``.
    init(
        _ archive: ArchiveFolder, _ index: IndexDatabase, pipeline: Pipeline = Pipeline(threads: 1),
        observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) {
        self.archive = archive
        self.index = index
        self.pipeline = pipeline
        self.observe = observe
    }

    /// Commits what `stage` does.
    ///
    /// - Parameter stage: Stages files and the record of the given number, and changes the rows of the index. Returns `nil`
    ///   if there is nothing to commit.
    /// - Returns: The record.
    func commit(_ stage: (IndexTransaction, _ number: Int) throws -> SweepRecord?) throws -> SweepRecord? {
        let number = try index.read { try $0.lastSweep() } + 1
        var isStaged = false
        let record: SweepRecord?
        do {
            record = try index.write { transaction in
                guard let record = try stage(transaction, number) else { return nil }
                try observe(.recorded)
                try transaction.add(record, state: .committed)
                isStaged = true
                return record
            }
        } catch {
            // A full disk gets its room back at once, since the receiver may need it. For other reasons, a commit may fail and
            // still be found when the index is opened again; so a complete staging is kept.
            var isFull: Bool { if case .full? = error as? IndexError { true } else { false } }
            if !isStaged || isFull, error is FileError || error is IndexError { try? archive.removeStaging(number) }
            throw error
        }
        if record != nil { try observe(.committed) }
        return record
    }

    /// Commits and publishes what a person decided.
    func decide(_ stage: (IndexTransaction, _ number: Int) throws -> SweepRecord) throws -> SweepRecord {
        guard let record = try commit(stage) else { preconditionFailure("a decision is always recorded") }
        try publish(record)
        return record
    }

    /// Renames the staged files to their final names, or removes those that were pruned.
    func publish(_ record: SweepRecord) throws {
        try archive.publish(record.sweep, pipeline) { try observe(.publishing($0)) }
        try index.write { try $0.set(.published, of: record.sweep) }
        try observe(.published)
    }

    /// Ends the change: nothing is left to do about it.
    func clear(_ record: SweepRecord) throws {
        try index.write { try $0.set(.cleared, of: record.sweep) }
        try archive.removeStaging(record.sweep)
        try observe(.cleared)
    }
}
