internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
internal import Webhooks

/// Decides what becomes of each entry, one after another in the order of receipt, and adds its row to the index.
///
/// Only its contents can quarantine a delivery. An entry that cannot be read stays in the spool, and is reported. So does
/// an entry that would be appended to a damaged file, and every later delivery of the same event.
struct SweepPlanner {
    private let transaction: IndexTransaction
    /// The number of the sweep.
    private let sweep: Int
    private let archive: ArchiveFolder
    /// How far a redelivery may be from its event's first receipt, in milliseconds; 0 turns the search off.
    private let redeliveryWindow: Int64
    /// The row that the next file of a kind gets that is new to the index.
    private var nextRow: [IndexedFile.Kind: Int64] = [:]
    /// What was damaged when the index was rebuilt, by path.
    private let damaged: [String: BlockedFile]
    /// The days of archive files with lost lines. A delivery that repeats one of these is not recognised.
    private let lostDays: [LostEvents: [CivilDate]]
    /// The records that pruned days, whose files are not made again.
    private let prunedDays: [Environment: [CivilDate: Int]]
    private(set) var plan = SweepPlan()
    private(set) var blocked: BlockedDeliveries

    private struct LostEvents: Hashable {
        let environment: Environment
        /// The business as paths spell it.
        let segment: String
    }

    /// - Parameter blocked: What earlier commits of this run found blocked.
    init(
        _ transaction: IndexTransaction, sweep: Int, archive: ArchiveFolder, redeliveryWindow: Int64,
        blocked: BlockedDeliveries
    ) throws {
        let damage = try transaction.snapshot.damage()
        damaged = Dictionary(
            damage.map { ($0.path, BlockedFile(archive.root.path(of: $0.path), $0.cause)) },
            uniquingKeysWith: { first, _ in first })
        var lost: [LostEvents: [CivilDate]] = [:]
        for it in damage where it.lines?.isEmpty == false {
            guard let parts = ArchivePath.parse(it.path), !parts.isLedger else { continue }
            lost[LostEvents(environment: parts.environment, segment: parts.segment), default: []].append(parts.day)
        }
        lostDays = lost
        prunedDays = Dictionary(
            uniqueKeysWithValues: try Environment.allCases.map { ($0, try transaction.snapshot.prunedDays($0)) })
        self.transaction = transaction
        self.sweep = sweep
        self.archive = archive
        self.redeliveryWindow = redeliveryWindow
        self.blocked = blocked
    }

    /// Prepares the search for redeliveries among the entries, which are in the order of receipt.
    mutating func expect(_ portions: [Portion]) throws {
        guard redeliveryWindow > 0, let first = portions.compactMap(\.entries.first?.time).min(),
            let last = portions.compactMap(\.entries.last?.time).max()
        else { return }
        let count = portions.reduce(0) { $0 + $1.entries.count }
        try transaction.expect(count, at: first...last, within: redeliveryWindow)
    }

    /// Decides on the entries of a batch, after counting them as received.
    ///
    /// - Parameters:
    ///   - range: The indexes of the entries in the portion.
    ///   - progress: Called before each decision.
    mutating func decide(
        _ batch: ReadBatch, at range: Range<Int>, of portion: Portion, progress: () throws -> Void
    ) throws {
        plan.keepLines(of: batch, at: portion.entries.startIndex, in: portion.environment)
        for index in range {
            plan.count(planned(portion.entries[index], at: index, in: portion)) { $0.received += 1 }
        }
        let ids = portion.entries[range].lazy.map(\.id)
        guard let first = ids.min(), let last = ids.max() else { return }
        let mayBeKnown = try transaction.snapshot.knowsAny(of: first...last)
        for (index, delivery) in zip(range, batch.deliveries) {
            try progress()
            let entry = planned(portion.entries[index], at: index, in: portion)
            switch delivery {
            case .success(let delivery): try decide(entry, delivery, in: portion.spool, mayBeKnown: mayBeKnown)
            case .failure(let error):
                plan.leaveUnreadable(error)
                plan.count(entry) { $0.received -= 1 }
            }
        }
    }

    private func planned(_ entry: SpoolEntry, at index: Int, in portion: Portion) -> PlannedEntry {
        PlannedEntry(
            index: SweepPlan.EntryIndex(index), entry: entry, id: entry.id, environment: portion.environment,
            day: archive.calendar.day(of: entry.time))
    }

    // MARK: - One entry

    /// - Parameter mayBeKnown: Whether the index may have a delivery with the entry's id.
    private mutating func decide(
        _ entry: PlannedEntry, _ delivery: ParsedDelivery, in spool: EnvironmentSpool, mayBeKnown: Bool
    ) throws {
        var entry = entry
        var content = delivery.content
        var known = mayBeKnown ? try transaction.snapshot.known(entry.id, in: entry.environment) : nil
        if let other = known, other.hash != delivery.hash {
            content = .rejected(
                .init(reason: "id-reused: another delivery of other bytes has the id \(entry.id)", offset: nil))
            entry.id = try spool.replacementID(for: entry.entry)
            known = try transaction.snapshot.known(entry.id, in: entry.environment)
        }
        if let known, known.hash == delivery.hash, known.outcome != .released {
            return try clearAgain(entry, known)
        }
        switch content {
        case .rejected(let rejection): try quarantine(entry, delivery, for: rejection)
        case .event(let event):
            if let id = event.replayed, let replayed = try transaction.snapshot.event(id, in: entry.environment),
                replayed.hash == delivery.hash
            {
                try redeliver(entry, delivery, of: replayed)
            } else if redeliveryWindow > 0,
                let key = try blocked.event(event.fingerprint, near: entry.time, within: redeliveryWindow)
            {
                block(entry, by: key)
            } else if let key = lostEvents(of: event.business, near: entry) {
                if !blocked.contains(key), let damage = damaged[key.path] { blocked.add(damage, for: key) }
                block(entry, by: key)
            } else if let repeated = try nearestEvent(event.fingerprint, to: entry.time) {
                try redeliver(entry, delivery, of: repeated)
            } else {
                try archive(entry, delivery, as: event)
            }
        }
    }

    /// Clears a delivery that an earlier sweep has kept, and takes its count back.
    ///
    /// That sweep was interrupted before it cleared the spool, or somebody put the file back.
    private mutating func clearAgain(_ entry: PlannedEntry, _ known: KnownDelivery) throws {
        plan.count(entry) { $0.received -= 1 }
        if known.outcome == .quarantined,
            let line = try transaction.snapshot.quarantine(entry.id, in: entry.environment)
        {
            plan.quarantine(entry, as: line)
        } else {
            plan.clear(entry)
        }
    }

    /// Returns the event that a delivery with this fingerprint repeats, or `nil` if it is a new event.
    private func nearestEvent(_ fingerprint: Fingerprint, to time: Timestamp) throws -> RepeatedEvent? {
        guard redeliveryWindow > 0 else { return nil }
        return try transaction.nearestEvent(fingerprint, to: time, within: redeliveryWindow)
    }

    /// Returns the damaged file of a business whose lost events a delivery may repeat, or `nil` if there is none within the
    /// redelivery window.
    private func lostEvents(of business: Business, near entry: PlannedEntry) -> SweepPlan.FileKey? {
        guard redeliveryWindow > 0, !lostDays.isEmpty else { return nil }
        let lost = lostDays[LostEvents(environment: entry.environment, segment: business.segment)] ?? []
        let days = Int(redeliveryWindow / 86_400_000) + 1
        return lost.first { abs($0.daysSinceEpoch - entry.day.daysSinceEpoch) <= days }.map {
            SweepPlan.FileKey(kind: .archives, environment: entry.environment, business: business, day: $0)
        }
    }

    private mutating func archive(
        _ entry: PlannedEntry, _ delivery: ParsedDelivery, as event: ParsedDelivery.Event
    ) throws {
        guard let file = try file(.archives, of: event.business, for: entry) else {
            return try blocked.addEvent(
                event.fingerprint, at: entry.time, of: key(.archives, of: event.business, for: entry))
        }
        plan.count(entry) {
            $0.archived += 1
            $0.bytes += delivery.size
        }
        plan.clear(entry)
        let outcome = event.line.map { SweepPlan.Outcome.keptLine($0) } ?? .event(delivery.hash.prefix)
        let (row, line) = plan.add(SweepPlan.Item(entry: entry.index, outcome: outcome), to: file)
        try transaction.addEvent(
            id: entry.id, time: entry.time, type: event.type, size: delivery.size, hash: delivery.hash,
            fingerprint: event.fingerprint, archive: row, line: line, sweep: sweep)
    }

    private mutating func redeliver(
        _ entry: PlannedEntry, _ delivery: ParsedDelivery, of event: RepeatedEvent
    ) throws {
        guard let file = try file(.ledgers, of: event.business, for: entry) else { return }
        // A payload that differs from the event's is left empty here, and read again when its line is written.
        let redelivery = LedgerLine.Redelivery(
            id: entry.id, of: event.id, time: entry.time, hash: delivery.hash,
            differing: event.hash == delivery.hash ? nil : [])
        plan.count(entry) {
            $0.redelivered += 1
            $0.bytes += delivery.size
        }
        plan.clear(entry)
        let (row, line) = plan.add(SweepPlan.Item(entry: entry.index, outcome: plan.outcome(redelivery)), to: file)
        try transaction.addRedelivery(redelivery, of: event.row, ledger: row, line: line, sweep: sweep)
    }

    private mutating func quarantine(
        _ entry: PlannedEntry, _ delivery: ParsedDelivery, for rejection: DeliveryParser.Rejection
    ) throws {
        guard let file = try file(.ledgers, of: .unassigned, for: entry) else { return }
        let quarantine = LedgerLine.Quarantine(
            id: entry.id, time: entry.time, hash: delivery.hash, size: delivery.size, reason: rejection.reason,
            at: rejection.offset)
        plan.count(entry) {
            $0.quarantined += 1
            $0.bytes += delivery.size
        }
        plan.quarantine(entry, as: quarantine)
        let (row, line) = plan.add(SweepPlan.Item(entry: entry.index, outcome: plan.outcome(quarantine)), to: file)
        try transaction.addQuarantine(quarantine, ledger: row, line: line, sweep: sweep)
    }

    /// Leaves an entry in the spool, uncounted, since its file is damaged.
    private mutating func block(_ entry: PlannedEntry, by key: SweepPlan.FileKey) {
        plan.count(entry) { $0.received -= 1 }
        blocked.countDelivery(of: key)
    }

    // MARK: - Files

    private func key(_ kind: IndexedFile.Kind, of business: Business, for entry: PlannedEntry) -> SweepPlan.FileKey {
        SweepPlan.FileKey(kind: kind, environment: entry.environment, business: business, day: entry.day)
    }

    /// Returns the index of the group of the file that an entry would be appended to, or `nil` if that file is damaged.
    /// The entry is blocked in that case.
    private mutating func file(
        _ kind: IndexedFile.Kind, of business: Business, for entry: PlannedEntry
    ) throws -> Int? {
        let key = key(kind, of: business, for: entry)
        if let group = plan.group(key) { return group }
        if !blocked.contains(key) {
            let known = try transaction.snapshot.file(kind, path: key.path)
            guard let damage = try damage(of: known, at: key) else {
                return plan.add(try open(key, known), for: key)
            }
            blocked.add(damage, for: key)
        }
        block(entry, by: key)
        return nil
    }

    /// Returns what is wrong with a file that would get lines, or `nil` if it is exactly as the index records it, or does
    /// not exist if it is new to the index.
    private func damage(of known: IndexedFile?, at key: SweepPlan.FileKey) throws -> BlockedFile? {
        let path = key.path
        let full = archive.root.path(of: path)
        if let damage = damaged[path] { return damage }
        if let record = prunedDays[key.environment]?[key.day] {
            return BlockedFile(
                full, "its day was pruned by record \(record)",
                remedy: "move the delivery out of the spool if it need not be kept")
        }
        do {
            let size = try archive.root.status(of: path)?.size
            guard let known else {
                let remedy = "move it out of the archive, then sweep again"
                return size == nil ? nil : BlockedFile(full, "no sweep recorded it", remedy: remedy)
            }
            guard size == known.state.gzipBytes else {
                let found = size.map { "it has \($0) bytes" } ?? "it does not exist"
                return BlockedFile(full, "\(found), but according to the index it has \(known.state.gzipBytes) bytes")
            }
            try GzipFile(known.reference, in: archive).stream { _ in }
            return nil
        } catch {
            guard let damage = BlockedFile(error) else { throw error }
            return damage
        }
    }

    /// Returns the group of a file. A new file is added to the index at once, since the rows of its lines refer to it.
    private mutating func open(_ key: SweepPlan.FileKey, _ known: IndexedFile?) throws -> SweepPlan.FileGroup {
        if let known { return SweepPlan.FileGroup(file: known, isNew: false) }
        let row = try nextRow[key.kind] ?? transaction.snapshot.nextRow(key.kind)
        nextRow[key.kind] = row + 1
        let file = IndexedFile(
            kind: key.kind, row: row, environment: key.environment, business: key.business, day: key.day,
            path: key.path, state: GzipState(lines: 0, textBytes: 0, gzipBytes: 0, crc32: 0, hash: ContentHash(of: [])),
            firstSweep: sweep, sweep: sweep)
        try transaction.add(file)
        return SweepPlan.FileGroup(file: file, isNew: true)
    }
}
