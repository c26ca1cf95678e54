internal import Archive
package import ArchiveIndex
internal import Webhooks

/// Adds and releases holds: what must be neither pruned nor erased.
package struct HoldDecision {
    private let path: String
    private let decider: Decider
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameters:
    ///   - archive: The path of the archive.
    ///   - observe: As in ``Sweep/init(_:now:observe:)``.
    package init(
        _ archive: String, _ decider: Decider, observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) {
        path = archive
        self.decider = decider
        self.observe = observe
    }

    /// Adds a hold.
    ///
    /// - Parameter selection: Of one business at most, as the record of a hold has it.
    /// - Returns: Its number.
    package func add(_ selection: Selection) throws -> Int {
        precondition(selection.businesses.count <= 1, "a hold is of one business, or of all")
        let business = selection.businesses.first
        return try decide { _, number in
            var record = SweepRecord(sweep: number, kind: .hold, decider)
            record.hold = SweepRecord.Hold(
                environment: selection.environment, business: business?.name,
                unassigned: business == .unassigned ? true : nil, from: selection.from?.description,
                to: selection.to?.description)
            return record
        }
    }

    /// Releases a hold.
    ///
    /// - Returns: The number of the record.
    /// - Throws: ``BatchError/noHold(_:cause:)``.
    package func release(_ hold: Int) throws -> Int {
        try decide { snapshot, number in
            guard let found = try snapshot.holds(all: true).first(where: { $0.number == hold }) else {
                throw BatchError.noHold(hold, cause: "there never was one of this number")
            }
            if let released = found.released {
                throw BatchError.noHold(hold, cause: "\(released.by) released it on \(released.at.prefix(10))")
            }
            var record = SweepRecord(sweep: number, kind: .holdRelease, decider)
            record.releasedHold = hold
            return record
        }
    }

    private func decide(_ make: (IndexSnapshot, Int) throws -> SweepRecord) throws -> Int {
        let archive = try ArchiveFolder(path)
        return try archive.withLock(purpose: "a hold") {
            let index = try Recovery(archive, observe: observe).run().index
            let change = RecordedChange(archive, index, observe: observe)
            let record = try change.decide { transaction, number in
                let record = try make(transaction.snapshot, number)
                try archive.stage(record, [])
                return record
            }
            try change.clear(record)
            return record.sweep
        }
    }
}
