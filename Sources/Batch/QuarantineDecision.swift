package import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
package import Webhooks

/// A person's decision on quarantined deliveries: to give them back to the spool, or to let them go for good.
///
/// It is a sweep of its own kind: the ledger's line is staged, committed and published first, and only then is the
/// spool changed. Interrupted in between, the next sweep completes it: see ``settle(_:_:isPatient:)``.
package struct QuarantineDecision {
    private let kind: SweepRecord.Kind
    private let ids: [DeliveryID]
    private let by: String
    private let now: Timestamp
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameters:
    ///   - kind: `release` or `discard`.
    ///   - by: who decided: it stands in the ledger.
    ///   - observe: as of ``Sweep``.
    package init(
        _ kind: SweepRecord.Kind, _ ids: [DeliveryID], by: String, now: Timestamp,
        observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) {
        self.kind = kind
        self.ids = ids
        self.by = by
        self.now = now
        self.observe = observe
    }

    /// - Throws: ``BatchError/notHeld(_:_:)`` where one of them is not held in quarantine: none is decided then.
    package func run(spool: String, archive: String) throws {
        let place = try Workplace(spool: spool, archive: archive, purpose: "a \(kind.rawValue)")
        let index = try Recovery(place.archive, observe: observe).run().index
        let record = try index.write { transaction in
            let number = try transaction.snapshot.lastSweep() + 1
            let record = try stage(sweep: number, place, transaction)
            try place.archive.stage(record)
            try observe(.recorded)
            try transaction.add(record, state: .committed)
            return record
        }
        try observe(.committed)
        try place.archive.publish(record) { try observe(.publishing($0)) }
        try index.write { try $0.set(.published, of: record.sweep) }
        try observe(.published)
        try Self.settle(place.spool, index)
        try index.write { try $0.set(.cleared, of: record.sweep) }
        try place.archive.removeStaging(record.sweep)
        try observe(.cleared)
    }

    /// Appends a line for each delivery to its ledger.
    private func stage(sweep: Int, _ place: Workplace, _ transaction: IndexTransaction) throws -> SweepRecord {
        var decided: [String: [QuarantineEntry]] = [:]
        for id in ids {
            let entry = try held(id, place, transaction)
            decided[ArchivePath.ledger(entry.environment, .unassigned, entry.day), default: []].append(entry)
        }
        let deflater = Deflater()
        let staging = try place.archive.makeStaging(sweep)
        var record = SweepRecord(sweep: sweep, kind: kind, started: now.description, days: [], files: [])
        for (path, entries) in decided.sorted(by: { $0.key < $1.key }) {
            guard var file = try transaction.snapshot.file(.ledgers, path: path), let first = entries.first else {
                continue
            }
            let before = file.state
            let earlier = try GzipFile(file.reference, in: place.archive)
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
            record.files.append(SweepRecord.FileChange(path: path, before: before, after: file.state))
            record.days.append(counts)
        }
        record.days.sort { ($0.environment, $0.day) < ($1.environment, $1.day) }
        return record
    }

    /// The one quarantine of this id that is held, its payload in the spool.
    private func held(_ id: DeliveryID, _ place: Workplace, _ transaction: IndexTransaction) throws -> QuarantineEntry {
        let entries = try transaction.snapshot.quarantine(id)
        guard let entry = entries.last(where: { $0.state == .held }) else {
            throw BatchError.notHeld(
                id.description, entries.last.map { "it was \($0.state.rawValue)" } ?? "it is not known")
        }
        guard try place.spool.environment(entry.environment)?.quarantinedPayload(id) != nil else {
            throw BatchError.notHeld(id.description, "its payload is not in the spool's quarantine")
        }
        return entry
    }

    /// Has the spool's quarantine hold what the index says is held: what was decided and not carried out, is now.
    ///
    /// - Parameter isPatient: whether a release waits where its name in `new/` is taken by now, and does not throw.
    static func settle(_ spool: SpoolFolder, _ index: IndexDatabase, isPatient: Bool = false) throws {
        for environment in Environment.allCases {
            guard let part = try spool.environment(environment) else { continue }
            for id in try part.quarantined() {
                guard let known = try index.read({ try $0.known(id, in: environment) }) else { continue }
                switch known.fate {
                case .quarantined: continue
                case .released:
                    do {
                        try part.release(id)
                    } catch SpoolError.nameTaken where isPatient {
                        continue
                    }
                case .discarded: try part.discard(id)
                case .event, .redelivery:
                    // Released and swept, after a release that left the payload under both names.
                    let payload = try part.quarantinedPayload(id)
                    if payload.map({ ContentHash(of: $0) }) == known.hash { try part.discard(id) }
                }
            }
        }
    }
}
