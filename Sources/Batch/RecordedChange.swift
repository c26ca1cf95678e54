internal import Archive
internal import ArchiveIndex

/// A change of the archive that a person decided, through the same steps as a sweep: stage, commit, publish.
///
/// If it is interrupted, ``Recovery`` completes or undoes it as it does a sweep.
struct RecordedChange {
    let archive: ArchiveFolder
    private let index: IndexDatabase
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameter observe: As in ``Sweep/init(_:now:observe:)``.
    init(
        _ archive: ArchiveFolder, _ index: IndexDatabase, observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) {
        self.archive = archive
        self.index = index
        self.observe = observe
    }

    /// Commits what `stage` does, and publishes it.
    ///
    /// - Parameter stage: Stages files and the record of the given number, and changes the rows of the index.
    func commit(_ stage: (IndexTransaction, _ number: Int) throws -> SweepRecord) throws -> SweepRecord {
        var staged: Int?
        let record: SweepRecord
        do {
            record = try index.write { transaction in
                let number = try transaction.snapshot.lastSweep() + 1
                staged = number
                let record = try stage(transaction, number)
                staged = nil
                try observe(.recorded)
                try transaction.add(record, state: .committed)
                return record
            }
        } catch {
            // An incomplete staging is useless. A complete one may have been committed even so.
            if let staged { try? archive.removeStaging(staged) }
            throw error
        }
        try observe(.committed)
        try archive.publish(record.sweep) { try observe(.publishing($0)) }
        try index.write { try $0.set(.published, of: record.sweep) }
        try observe(.published)
        return record
    }

    /// Ends the change: nothing is left to do about it.
    func clear(_ record: SweepRecord) throws {
        try index.write { try $0.set(.cleared, of: record.sweep) }
        try archive.removeStaging(record.sweep)
        try observe(.cleared)
    }
}
