internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Spool
package import Webhooks

/// One run of the batch: it empties the spool into the archive.
///
/// The steps stand in ``run()``, in their order. What an interruption between any two of them leaves, and what the next
/// sweep makes of it:
///
/// | interrupted | what stands | what the next sweep does |
/// | --- | --- | --- |
/// | before the commit | files in the staging, the spool untouched | takes the staging away, starts over |
/// | after the commit | files in the staging, the index says `committed` | publishes what is left, clears the spool |
/// | while publishing | some files renamed | renames the rest |
/// | while clearing | some entries still in `new/` | knows their ids: clears them, counts nothing twice |
/// | and with the index gone, too | a staging with its record | publishes it, rebuilds the index from the files |
/// | and with the index gone, too | a staging without its record | takes it away, rebuilds the index, starts over |
///
/// It makes two passes. In the first, threads read and judge entries and this one decides, in the order of receipt, what
/// each becomes; in the second, threads write one file each. So memory holds a few dozen bytes for each delivery, and
/// lines only as far as there is room; and order and bytes depend neither on the threads nor on the room.
///
/// The invariants: nothing leaves `new/` before the commit; the commit is durable when it returns; no file is
/// appended to that is not as the index knows it; all staged files are durable before the record that lists them is staged;
/// all renames are durable before the index says `published`, and that before the first entry is cleared.
package struct Sweep {
    package struct Configuration: Sendable {
        package var spool: String
        package var archive: String
        /// An IANA name; nil for whatever the archive has.
        package var timeZone: String?
        package var rules = PayloadRules()
        /// The request header that bears the sender's id, in lower case.
        package var idHeader: String?
        /// How far from an event's first receipt a redelivery of it may lie, either way, in milliseconds; 0 is off.
        package var redeliveryWindow: Int64 = 7 * 86_400_000
        /// The path of a key for ssh-keygen(1) that signs each seal; nil for none.
        package var signKey: String?
        /// How many read and compress; what is written does not depend on it.
        package var threads = Pipeline.cores
        /// In bytes, for what is kept between the two passes: 96 for each delivery, however many there are, and lines as
        /// far as there is room; what is written does not depend on it.
        package var memory = 112 << 20

        package init(spool: String, archive: String) {
            self.spool = spool
            self.archive = archive
        }
    }

    /// How far a sweep has come.
    package enum Point: Equatable, Sendable {
        case locked, recovered, scanned
        /// So many of so many entries.
        case deciding(Int, of: Int)
        case decided
        case staging(String)
        case staged, recorded, committed
        case publishing(String)
        case published, clearing, cleared
        case sealing(Environment, CivilDate)
        case sealed
    }

    package let configuration: Configuration
    package let now: Timestamp
    private let told: (Point) throws -> Void
    private let clock = StepClock()

    /// - Parameter observe: is told of each point before the sweep goes on. What it throws ends the sweep there, and nothing
    ///   is tidied up.
    package init(_ configuration: Configuration, now: Timestamp, observe: @escaping (Point) throws -> Void = { _ in }) {
        self.configuration = configuration
        self.now = now
        told = observe
    }

    var pipeline: Pipeline { Pipeline(threads: configuration.threads) }

    func observe(_ point: Point) throws {
        clock.pass(point)
        try told(point)
    }

    package func run() throws -> SweepReport {
        clock.start()
        let place = try Workplace(
            spool: configuration.spool, archive: configuration.archive, timeZone: configuration.timeZone,
            purpose: "a sweep")
        try observe(.locked)

        let recovery = try Recovery(place.archive, observe: observe).run()
        let index = recovery.index
        try observe(.recovered)

        // What a person decided, and was interrupted in: what was released is taken by this sweep already.
        try QuarantineDecision.settle(place.spool, index, isPatient: true)
        let scans = try scan(place.spool)
        try observe(.scanned)

        var decisions = Decisions(calendar: place.archive.calendar)
        var record: SweepRecord?
        if scans.contains(where: { !$0.scan.entries.isEmpty }) {
            let number = try index.read { try $0.lastSweep() } + 1
            var isComplete = false
            do {
                record = try index.write { transaction in
                    let record = try prepare(scans, sweep: number, place: place, transaction, &decisions)
                    isComplete = true
                    return record
                }
            } catch {
                // A full disk gets its room back at once: the receiver may need it. But for other reasons a commit may
                // fail and stand all the same when the index is opened again, so once all is staged it is kept.
                var isFull: Bool { if case .full? = error as? IndexError { true } else { false } }
                if !isComplete || isFull, error is FileError || error is IndexError {
                    try? place.archive.removeStaging(number)
                }
                throw error
            }
        }
        if let record {
            try observe(.committed)
            try place.archive.publish(record) { try observe(.publishing($0)) }
            try index.write { try $0.set(.published, of: record.sweep) }
            try observe(.published)
        }

        try clear(decisions, of: scans, index: index, place: place)
        try observe(.cleared)

        let seals = try seal(index: index, place: place)
        if let key = configuration.signKey { try sign(key, index: index, archive: place.archive) }
        try observe(.sealed)
        return SweepReport(
            record: record, recovered: recovery.completed, steps: clock.steps, pending: seals.pending,
            sealed: seals.new,
            unreadable: decisions.unreadable + scans.flatMap(\.scan.unreadable),
            odd: scans.flatMap(\.scan.odd), rebuiltIndex: recovery.rebuiltIndex)
    }

    /// Decides and stages; what the transaction holds when this returns is the commit.
    ///
    /// - Returns: nil where there was nothing to keep.
    private func prepare(
        _ scans: [EnvironmentScan], sweep: Int, place: Workplace, _ transaction: IndexTransaction,
        _ decisions: inout Decisions
    ) throws -> SweepRecord? {
        try decide(scans, sweep: sweep, place: place, transaction, &decisions)
        try observe(.decided)
        guard !decisions.groups.isEmpty else { return nil }
        let files = try stage(decisions, of: scans, sweep: sweep, place: place, transaction)
        try observe(.staged)
        let record = SweepRecord(
            sweep: sweep, kind: .sweep, started: now.description, days: decisions.days, files: files)
        try place.archive.stage(record)
        try observe(.recorded)
        try transaction.add(record, state: .committed)
        return record
    }

    /// A part of the spool, and what was found there.
    struct EnvironmentScan {
        let part: EnvironmentSpool
        let scan: SpoolScan
    }

    /// How old an unfinished receipt must be to be taken away, in milliseconds: 36 hours.
    private static let leftoverAge: Int64 = 36 * 3_600_000

    private func scan(_ spool: SpoolFolder) throws -> [EnvironmentScan] {
        try Environment.allCases.sorted().compactMap { environment in
            guard let part = try spool.environment(environment) else { return nil }
            let scan = try part.scan()
            try part.removeLeftovers(scan, olderThan: Self.leftoverAge, now: now)
            return EnvironmentScan(part: part, scan: scan)
        }
    }

    /// Takes from the spool what is kept: what this sweep kept, and what an interrupted one had kept before.
    private func clear(
        _ decisions: Decisions, of scans: [EnvironmentScan], index: IndexDatabase, place: Workplace
    ) throws {
        let open = try index.read { try $0.openSweeps() }
        guard !open.isEmpty || !decisions.kept.isEmpty || !decisions.setAside.isEmpty else { return }
        try observe(.clearing)
        for scan in scans {
            let environment = scan.part.environment
            try scan.part.setAside(
                decisions.setAside.filter { $0.environment == environment }.map { ($0.entry, $0.note) })
            try scan.part.clear(decisions.kept[environment, default: []].lazy.map { scan.scan.entries[Int($0)] })
        }
        try index.write { transaction in for sweep in open { try transaction.set(.cleared, of: sweep.sweep) } }
        for sweep in open { try place.archive.removeStaging(sweep.sweep) }
    }
}
