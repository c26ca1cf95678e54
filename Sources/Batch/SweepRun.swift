internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Spool
internal import Webhooks

/// A sweep at work: the locked spool and archive, and what each step found out for the next.
///
/// ``Sweep/run()`` calls the steps in order. An entry's way leads from ``scan()`` through ``EntryReader``, which reads it on
/// any thread, and ``SweepPlanner``, which decides what becomes of it, into the ``plan``; ``stage(_:_:)`` then writes the
/// planned lines, file by file.
final class SweepRun {
    let configuration: Sweep.Configuration
    let now: Timestamp
    let spool: SpoolFolder
    let archive: ArchiveFolder
    let index: IndexDatabase
    let pipeline: Pipeline
    private let observe: (Sweep.Point) throws -> Void

    /// What is in the spool, by environment.
    private(set) var scans: [EnvironmentScan] = []
    private(set) var plan = SweepPlan()
    /// What was committed, or `nil` if there was nothing to keep.
    private(set) var record: SweepRecord?
    private let change: RecordedChange
    private var sealer: DaySealer
    /// The number of entries that are in the spool when the sweep ends.
    private var pending = 0

    init(
        _ configuration: Sweep.Configuration, now: Timestamp, locks: SweepLocks, index: IndexDatabase,
        observe: @escaping (Sweep.Point) throws -> Void
    ) {
        self.configuration = configuration
        self.now = now
        self.index = index
        self.observe = observe
        spool = locks.spool
        archive = locks.archive
        pipeline = Pipeline(threads: configuration.threads)
        change = RecordedChange(archive, index, observe: observe)
        sealer = DaySealer(archive, index, at: now, pipeline: pipeline)
    }

    func reach(_ point: Sweep.Point) throws { try observe(point) }

    // MARK: - Scanning

    /// The age after which an unfinished receipt is removed, in milliseconds: 36 hours.
    private static let leftoverAge: Int64 = 36 * 3_600_000

    /// Lists the entries of the spool, and removes unfinished receipts.
    func scan() throws {
        // A release or discard may have been interrupted. It is completed first, and this sweep takes the released entries.
        try QuarantineDecision.settle(spool, index, waitsForNames: true)
        for environment in Environment.allCases.sorted() {
            guard let part = try spool.environment(environment) else { continue }
            let scan = try part.scan()
            try part.removeLeftovers(scan, olderThan: Self.leftoverAge, now: now)
            scans.append(EnvironmentScan(spool: part, scan: scan))
        }
        try reach(.scanned)
    }

    // MARK: - Committing

    /// Decides what becomes of each entry, stages the files that get lines, and commits all of it at once.
    func commit() throws {
        guard scans.contains(where: { !$0.entries.isEmpty }) else { return }
        record = try change.commit { transaction, number in
            try makePlan(transaction, sweep: number)
            try reach(.decided)
            return plan.groups.isEmpty ? nil : try stage(transaction, sweep: number)
        }
    }

    private func makePlan(_ transaction: IndexTransaction, sweep: Int) throws {
        var planner = try SweepPlanner(
            transaction, sweep: sweep, archive: archive, redeliveryWindow: configuration.redeliveryWindow)
        defer { plan = planner.plan }
        try planner.receive(scans)
        let total = scans.reduce(0) { $0 + $1.entries.count }
        let memory = LineMemory(bytes: configuration.memory - 96 * total)
        var decided = 0
        for scan in scans {
            let (reader, entries) = (reader(scan), scan.entries)
            let ranges = ReadBatch.ranges(of: entries.count)
            try pipeline.run(ranges.count) {
            } produce: { _, number in
                reader.read(entries[ranges[number]], memory: memory)
            } consume: { number, batch in
                try planner.decide(batch, at: ranges[number], of: scan) {
                    try reach(.deciding(decided, of: total))
                    decided += 1
                }
            }
        }
    }

    func reader(_ scan: EnvironmentScan) -> EntryReader {
        EntryReader(
            spool: scan.spool, payloads: PayloadReader(rules: configuration.rules), idHeader: configuration.idHeader)
    }

    // MARK: - Publishing and clearing

    /// Renames the staged files to their final names.
    func publish() throws {
        if let record { try change.publish(record) }
    }

    /// Removes from the spool what this sweep kept, and what an interrupted one had kept before.
    func clear() throws {
        let open = try index.read { try $0.openSweeps() }
        if !open.isEmpty || !plan.clearsNothing {
            try reach(.clearing)
            for scan in scans {
                try scan.spool.moveToQuarantine(plan.quarantined[scan.environment, default: []])
                try scan.spool.clear(plan.kept[scan.environment, default: []].lazy.map { scan.entries[Int($0)] })
            }
            try index.write { transaction in for sweep in open { try transaction.set(.cleared, of: sweep.sweep) } }
            for sweep in open { try archive.removeStaging(sweep.sweep) }
        }
        try reach(.cleared)
    }

    // MARK: - Sealing

    /// Seals each day that is over, has lines that no seal covers, and has no entry left in the spool; then signs.
    func seal() throws {
        for environment in Environment.allCases.sorted() {
            let waiting = try spool.environment(environment)?.scan()
            pending += (waiting?.entries.count ?? 0) + (waiting?.unreadable.count ?? 0)
            let daysInSpool = Set((waiting?.entries ?? []).map { archive.calendar.day(of: $0.time) })
            try sealer.seal(environment) {
                // An entry that cannot be read may be of any day.
                guard waiting?.unreadable.isEmpty ?? true else { return [] }
                return try index.read { try $0.unsealedDays(environment, before: archive.calendar.day(of: now)) }
                    .filter { !daysInSpool.contains($0) }
            } observe: {
                try reach(.sealing(environment, $0))
            }
        }
        if let key = configuration.signKey { try sealer.sign(with: key) }
        try reach(.sealed)
    }

    // MARK: - Reporting

    func report(_ recovery: Recovery.Outcome, steps: [Sweep.Step: Duration]) -> SweepReport {
        SweepReport(
            record: record, recovered: recovery.completed, steps: steps, pending: pending, sealed: sealer.seals,
            blocked: plan.blocked.values.sorted { $0.file < $1.file } + sealer.unsealable,
            unreadable: plan.unreadable + scans.flatMap(\.scan.unreadable), odd: scans.flatMap(\.scan.odd),
            rebuiltIndex: recovery.rebuiltIndex)
    }
}
