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

    private var backlog: Backlog
    /// What the commit at work decides on, by environment.
    private(set) var portions: [Portion] = []
    private(set) var plan = SweepPlan()
    private var blocked = BlockedDeliveries()
    private var unreadable = UnreadableEntries()
    /// What was committed, one record for each commit.
    private var records: [SweepRecord] = []
    /// The record of the commit at work, or `nil` if there was nothing to keep.
    private var record: SweepRecord?
    private let change: RecordedChange
    private var sealer: DaySealer
    /// What is in the spool when the sweep ends.
    private var pending = 0
    private var odd: [String] = []

    init(
        _ configuration: Sweep.Configuration, now: Timestamp, locks: SweepLocks, index: IndexDatabase,
        observe: @escaping (Sweep.Point) throws -> Void
    ) throws {
        self.configuration = configuration
        self.now = now
        self.index = index
        self.observe = observe
        spool = locks.spool
        archive = locks.archive
        backlog = try Backlog(locks.spool, limit: configuration.deliveries)
        pipeline = Pipeline(threads: configuration.threads)
        change = RecordedChange(archive, index, pipeline: pipeline, observe: observe)
        sealer = DaySealer(archive, index, at: now, pipeline: pipeline)
    }

    func reach(_ point: Sweep.Point) throws { try observe(point) }

    // MARK: - Scanning

    /// The age after which an unfinished receipt is removed, in milliseconds: 36 hours.
    private static let leftoverAge: Int64 = 36 * 3_600_000

    /// Whether every entry that was in the spool was decided on.
    var isOver: Bool { backlog.isOver }

    /// Completes a release or discard that was interrupted. Released entries are part of this sweep.
    func settle() throws { try QuarantineDecision.settle(spool, index, waitsForNames: true) }

    /// Lists the next entries of the spool, and removes unfinished receipts.
    ///
    /// What an interrupted sweep kept comes first, alone: so all that follow are committed together with those that they
    /// would have been committed with.
    func scan() throws {
        let interrupted = try index.read { snapshot in
            try snapshot.openSweeps().last.map { try snapshot.lastReceipts(of: $0.sweep) }
        }
        (plan, portions) = (SweepPlan(), [])
        portions = try backlog.next(through: interrupted ?? [:]) { part, scan in
            try part.removeLeftovers(scan, olderThan: Self.leftoverAge, now: now)
        } unreadable: {
            unreadable.add($0)
        }
        try reach(.scanned)
    }

    // MARK: - Committing

    /// Decides what becomes of each entry, stages the files that get lines, and commits all of it at once.
    func commit() throws {
        record = nil
        guard !portions.isEmpty else { return }
        record = try change.commit { transaction, number in
            try makePlan(transaction, sweep: number)
            try reach(.decided)
            return plan.groups.isEmpty ? nil : try stage(transaction, sweep: number)
        }
        if let record { records.append(record) }
        unreadable += plan.unreadable
    }

    /// Decides on the entries, until there is no memory for more files.
    private func makePlan(_ transaction: IndexTransaction, sweep: Int) throws {
        var planner = try SweepPlanner(
            transaction, sweep: sweep, archive: archive, redeliveryWindow: configuration.redeliveryWindow,
            blocked: blocked)
        defer { (plan, blocked) = (planner.plan, planner.blocked) }
        try planner.expect(portions)
        let total = portions.reduce(0) { $0 + $1.entries.count }
        let memory = LineMemory(bytes: configuration.memory - 400 * total)
        for portion in portions {
            let (reader, entries) = (reader(portion), portion.entries)
            let ranges = ReadBatch.ranges(of: entries.indices)
            try pipeline.run(ranges.count) {
            } produce: { _, number in
                reader.read(entries[ranges[number]], memory: memory)
            } consume: { number, batch in
                var decided = backlog.decided
                try planner.decide(batch, at: ranges[number], of: portion) {
                    try reach(.deciding(decided, of: backlog.total))
                    decided += 1
                }
                backlog.decide(portion, upTo: ranges[number].upperBound)
            } until: {
                planner.plan.memory >= configuration.planMemory
            }
        }
    }

    func reader(_ portion: Portion) -> EntryReader {
        EntryReader(
            spool: portion.spool, parser: DeliveryParser(portion.environment, configuration))
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
            for portion in portions {
                try portion.spool.moveToQuarantine(plan.quarantined[portion.environment, default: []])
                let kept = plan.kept[portion.environment, default: []]
                try pipeline.run(kept.count, inBatches: true) {
                } produce: { _, number in
                    try portion.spool.remove(portion.entries[Int(kept[number])])
                } consume: { _, _ in
                }
                try portion.spool.new.sync()
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
            var daysInSpool: Set<CivilDate> = []
            let rest = try spool.environment(environment)?.survey {
                daysInSpool.insert(archive.calendar.day(of: $0.time))
            }
            pending += (rest?.total ?? 0) + (rest?.unreadable.count ?? 0)
            odd += rest?.odd ?? []
            try sealer.seal(environment) {
                // An entry whose time cannot be read may be of any day.
                guard rest?.unreadable.isEmpty ?? true else { return [] }
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
            records: records, recovered: recovery.completed, steps: steps, pending: pending, sealed: sealer.seals,
            blocked: blocked.files.sorted { $0.file < $1.file } + sealer.unsealable,
            unreadable: unreadable, odd: odd,
            rebuiltIndex: recovery.rebuiltIndex)
    }
}
