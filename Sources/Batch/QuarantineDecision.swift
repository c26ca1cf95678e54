package import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
package import Webhooks

/// A person's decision on quarantined deliveries: to release them to the spool again, or to discard them.
///
/// A decision is committed like a sweep: its ledger lines are staged, committed, and published before the spool changes. If
/// it is interrupted, the next sweep completes it; see ``settle(_:_:waitsForNames:)``.
package struct QuarantineDecision {
    private let kind: SweepRecord.Kind
    private let ids: [DeliveryID]
    private let by: String
    private let now: Timestamp
    private let givesNewIDs: Bool
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameters:
    ///   - kind: `release` or `discard`.
    ///   - by: The person who decided, as the ledger records it.
    ///   - givesNewIDs: Whether released deliveries get new ids, with their times of receipt. A delivery that is in
    ///     quarantine because its id belongs to another one would otherwise be quarantined again.
    ///   - observe: As in ``Sweep/init(_:now:observe:)``.
    package init(
        _ kind: SweepRecord.Kind, _ ids: [DeliveryID], by: String, now: Timestamp, givesNewIDs: Bool = false,
        observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) {
        self.kind = kind
        self.ids = ids
        self.by = by
        self.now = now
        self.givesNewIDs = givesNewIDs
        self.observe = observe
    }

    /// What became of a decision.
    package struct Report: Sendable {
        /// The released deliveries that the next sweep will quarantine again, since their ids belong to other deliveries.
        package var reusedIDs: [DeliveryID] = []
    }

    /// Carries out the decision.
    ///
    /// - Throws: ``BatchError/notHeld(id:state:)`` if one of the deliveries is not in quarantine. Then none is decided on.
    @discardableResult
    package func run(spool: String, archive: String) throws -> Report {
        try SweepLocks.hold(spool: spool, archive: archive, purpose: "a \(kind.rawValue)") { locks in
            let index = try Recovery(locks.archive, observe: observe).run().index
            var report = Report()
            let change = RecordedChange(locks.archive, index, observe: observe)
            let record = try change.decide { transaction, number in
                let entries = try ids.map { try held($0, in: locks.spool, transaction) }
                if kind == .release { report.reusedIDs = try nameReleased(entries, in: locks.spool) }
                let (record, files) = try stage(entries, sweep: number, locks.archive, in: transaction)
                try locks.archive.stage(record, files)
                return record
            }
            try Self.settle(locks.spool, index)
            try change.clear(record)
            return report
        }
    }

    /// Gives deliveries that are about to be released new ids, if that was asked for.
    ///
    /// The new name is in the quarantine's note before the release is committed, so an interrupted release finds it there.
    ///
    /// - Returns: The deliveries that keep an id that belongs to another one.
    private func nameReleased(_ entries: [QuarantineEntry], in spool: SpoolFolder) throws -> [DeliveryID] {
        guard givesNewIDs else {
            return entries.filter { $0.line.reason.hasPrefix(Self.reusedID) }.map(\.line.id)
        }
        for entry in entries {
            let id = DeliveryID(
                nanoseconds: UInt64(max(0, entry.line.time.milliseconds)) * 1_000_000,
                random: .random(in: .min ... .max))
            let note = QuarantineNote(
                id: entry.line.id, name: EntryName(id).body, time: entry.line.time, hash: entry.line.hash,
                size: entry.line.size, reason: entry.line.reason, at: entry.line.at)
            try spool.environment(entry.environment)?.replaceNote(note)
        }
        return []
    }

    /// How the reason begins if the delivery's id belongs to another delivery.
    static let reusedID = "id-reused: "

    /// Stages a line for each delivery in its ledger.
    private func stage(
        _ entries: [QuarantineEntry], sweep: Int, _ archive: ArchiveFolder, in transaction: IndexTransaction
    ) throws -> (SweepRecord, [FileChange]) {
        let byLedger = Dictionary(grouping: entries) {
            ArchivePath.ledger(in: $0.environment, of: .unassigned, on: $0.day)
        }
        let deflater = Deflater()
        let staging = try archive.makeStaging(sweep)
        var (days, files): ([SweepRecord.DayCounts], [FileChange]) = ([], [])
        for (path, entries) in byLedger.sorted(by: { $0.key < $1.key }) {
            guard var file = try transaction.snapshot.file(.ledgers, path: path), let first = entries.first else {
                continue
            }
            let before = file.state
            let earlier = try GzipFile(file.reference, in: archive)
            var appender = try GzipAppender(
                after: earlier, to: staging.file(path), deflater: deflater)
            var counts = SweepRecord.DayCounts(environment: first.environment, day: first.day.description)
            for entry in entries {
                let decision = LedgerLine.Decision(id: entry.line.id, by: by, at: now)
                try appender.append((kind == .release ? LedgerLine.release(decision) : .discard(decision)).bytes)
                try transaction.decide(kind, decision, ledger: file.row, sweep: sweep)
                if kind == .release { counts.counts.released += 1 } else { counts.counts.discarded += 1 }
            }
            file.state = try appender.finish().state
            file.sweep = sweep
            try transaction.update(file)
            files.append(FileChange(path: path, before: before, after: file.state))
            days.append(counts)
        }
        days.sort { ($0.environment, $0.day) < ($1.environment, $1.day) }
        return (SweepRecord(sweep: sweep, kind: kind, started: now.description, days: days, files: files), files)
    }

    /// Returns the quarantine entry of this id that is still held, and whose payload is in the spool.
    private func held(
        _ id: DeliveryID, in spool: SpoolFolder, _ transaction: IndexTransaction
    ) throws -> QuarantineEntry {
        let entries = try transaction.snapshot.quarantine(id)
        guard let entry = entries.last(where: { $0.state == .held }) else {
            throw BatchError.notHeld(
                id: id.description, state: entries.last.map { "it was \($0.state.rawValue)" } ?? "there is no such id")
        }
        guard try spool.environment(entry.environment)?.quarantinedPayload(id) != nil else {
            throw BatchError.notHeld(
                id: id.description, state: "its payload is missing from the spool's quarantine folder")
        }
        return entry
    }

    /// Carries out in the spool what the index says was decided: completes interrupted releases and discards.
    ///
    /// - Parameter waitsForNames: If the name of a released delivery is taken in `new/`, whether to leave it for the next
    ///   sweep rather than throw.
    static func settle(_ spool: SpoolFolder, _ index: IndexDatabase, waitsForNames: Bool = false) throws {
        for environment in Environment.allCases {
            guard let part = try spool.environment(environment) else { continue }
            for id in try part.quarantined() {
                guard let known = try index.read({ try $0.known(id, in: environment) }) else { continue }
                switch known.outcome {
                case .quarantined: continue
                case .released:
                    do {
                        try part.release(id)
                    } catch SpoolError.nameTaken where waitsForNames {
                        continue
                    }
                case .discarded: try part.discard(id)
                case .event, .redelivery:
                    // It was released and swept, and an interrupted release had left the payload under both names.
                    let payload = try part.quarantinedPayload(id)
                    if payload.map({ ContentHash(of: $0) }) == known.hash { try part.discard(id) }
                }
            }
        }
    }
}
