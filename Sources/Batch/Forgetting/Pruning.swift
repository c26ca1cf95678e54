internal import Archive
internal import ArchiveIndex
package import Webhooks

/// Removes the archive files and ledgers of whole days, whose seals and counts remain.
///
/// Only days are pruned that are sealed, have no delivery in quarantine, and are further back than redeliveries are
/// recognised. The change is recorded like a sweep.
package struct Pruning {
    private let path: String
    private let before: CivilDate
    private let environment: Environment?
    private let redeliveryWindow: Int64
    private let decider: Decider
    private let acts: Bool
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameters:
    ///   - archive: The path of the archive.
    ///   - before: The day after the last one to prune.
    ///   - environment: The environment, or `nil` for both.
    ///   - redeliveryWindow: As in ``Sweep/Configuration``, in milliseconds.
    ///   - acts: Whether to prune, or only to find out what would be pruned.
    ///   - observe: As in ``Sweep/init(_:now:observe:)``.
    package init(
        _ archive: String, before: CivilDate, in environment: Environment?, redeliveryWindow: Int64,
        _ decider: Decider, acts: Bool, observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) {
        path = archive
        self.before = before
        self.environment = environment
        self.redeliveryWindow = redeliveryWindow
        self.decider = decider
        self.acts = acts
        self.observe = observe
    }

    /// What was pruned, or would be.
    package struct Report: Encodable, Equatable, Sendable {
        /// The number of the record, or `nil` if nothing was done yet.
        package var record: Int?
        package var days: [Day] = []
        package var files = 0
        package var events = 0
        /// The compressed size of the files, in bytes.
        package var bytes = 0
        /// The days before the given one that are not pruned.
        package var kept: [Kept] = []

        package struct Day: Encodable, Equatable, Sendable {
            package let environment: Environment
            package let day: String
            package let files: Int
            package let events: Int
            package let bytes: Int
        }

        package struct Kept: Encodable, Equatable, Sendable {
            package let environment: Environment
            package let day: String
            /// Why it is kept, as a clause.
            package let cause: String
        }
    }

    /// - Throws: ``BatchError/refused(_:)`` if a hold covers one of the files, or the days are not far enough back;
    ///   ``BatchError/nothing(_:)`` if there is no such day. Nothing is pruned then.
    package func run() throws -> Report {
        let archive = try ArchiveFolder(path)
        return try archive.withLock(purpose: "a pruning") {
            let index = try Recovery(archive, observe: observe).run().index
            let (days, found) = try index.read { try makePlan($0, archive) }
            var report = found
            guard acts else { return report }
            let change = RecordedChange(archive, index, observe: observe)
            let record = try change.decide { transaction, number in
                let record = SweepRecord(
                    sweep: number, kind: .prune, decider,
                    days: days.map { SweepRecord.DayCounts(environment: $0.environment, day: $0.day.description) },
                    files: report.files, compressed: -report.bytes)
                try archive.stage(record) { add in
                    try Self.forEachFile(of: days, transaction.snapshot) {
                        try add(FileChange(path: $0.path, rewritten: $0.state, as: nil))
                    }
                }
                for day in days { try transaction.prune(day.environment, day.day, sweep: number) }
                return record
            }
            try change.clear(record)
            report.record = record.sweep
            return report
        }
    }

    private func makePlan(
        _ snapshot: IndexSnapshot, _ archive: ArchiveFolder
    ) throws -> (days: [IndexSnapshot.DayOfFiles], Report) {
        let holds = try HoldCheck(snapshot, archive)
        // A delivery that is still in the spool was received after the last sweep started.
        let newest = min(decider.now, try snapshot.lastSweepStart() ?? decider.now)
        let latest = archive.calendar.day(of: Timestamp(milliseconds: newest.milliseconds - redeliveryWindow))
        guard before <= latest else {
            throw BatchError.refused(
                "days from \(latest) on are still needed to recognise redeliveries, which may come within "
                    + "\(redeliveryWindow / 86_400_000) days; give --before \(latest) or an earlier day")
        }
        var days: [IndexSnapshot.DayOfFiles] = []
        var report = Report()
        for environment in Environment.allCases.sorted() where self.environment ?? environment == environment {
            for day in try snapshot.days(before: before, in: environment) {
                let cause: String? =
                    if !day.isSealed {
                        "it is not sealed; the next sweep seals it"
                    } else if day.held > 0 {
                        "\(day.held) of its deliveries are in quarantine; release or discard them first"
                    } else { nil }
                if let cause {
                    report.kept.append(.init(environment: environment, day: day.day.description, cause: cause))
                    continue
                }
                days.append(day)
                let files = day.archives + day.ledgers
                report.days.append(
                    .init(
                        environment: environment, day: day.day.description, files: files, events: day.events,
                        bytes: day.gzipBytes))
                report.files += files
                report.events += day.events
                report.bytes += day.gzipBytes
            }
        }
        for day in days { try holds.requireNone(on: day.day, in: day.environment, snapshot) }
        guard !days.isEmpty else {
            let kept = report.kept.first.map { "; \($0.environment) \($0.day) is kept: \($0.cause)" } ?? ""
            throw BatchError.nothing("there is nothing to prune: no sealed day before \(before) has files\(kept)")
        }
        return (days, report)
    }

    /// Calls `body` with each file of the days, in the order of the paths.
    private static func forEachFile(
        of days: [IndexSnapshot.DayOfFiles], _ snapshot: IndexSnapshot, _ body: (IndexedFile) throws -> Void
    ) throws {
        for (environment, days) in Dictionary(grouping: days, by: \.environment).sorted(by: { $0.key < $1.key }) {
            let all = Set(days.map(\.day))
            let selection = Selection(environment: environment, from: days.first?.day, to: days.last?.day)
            for kind in [IndexedFile.Kind.ledgers, .archives] {
                try snapshot.forEachFile(kind, in: selection) { if all.contains($0.day) { try body($0) } }
            }
        }
    }
}
