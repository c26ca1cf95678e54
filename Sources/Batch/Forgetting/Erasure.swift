internal import Archive
package import ArchiveIndex
internal import DurableFiles
package import Parallel
package import Webhooks

/// Erases events, or everything of a business: each line becomes a tombstone, which keeps its number and its hash.
///
/// An erased event stays known, so a later delivery of it is a redelivery. Redeliveries whose payloads differ from their
/// event's are erased with it. The files are rewritten, which is recorded like a sweep; ``RewriteRun`` has the steps.
package struct Erasure {
    /// What is erased.
    package enum Target: Sendable {
        /// Events by their ids, in one environment or both.
        case events([DeliveryID], Environment?)
        /// Everything of a business, on some days or all.
        case business(Selection)
    }

    private let path: String
    private let target: Target
    private let decider: Decider
    private let acts: Bool
    private let pipeline: Pipeline
    private let observe: (Sweep.Point) throws -> Void

    /// - Parameters:
    ///   - archive: The path of the archive.
    ///   - acts: Whether to erase, or only to find out what would be erased.
    ///   - pipeline: The threads that write the files. The result does not depend on their number.
    ///   - observe: As in ``Sweep/init(_:now:observe:)``.
    package init(
        _ archive: String, _ target: Target, _ decider: Decider, acts: Bool, pipeline: Pipeline = Pipeline(),
        observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) {
        path = archive
        self.target = target
        self.decider = decider
        self.acts = acts
        self.pipeline = pipeline
        self.observe = observe
    }

    /// What was erased, or would be.
    package struct Report: Encodable, Equatable, Sendable {
        /// The number of the record, or `nil` if nothing was done yet.
        package var record: Int?
        package var events = 0
        /// Redeliveries whose payloads differed from their event's.
        package var redeliveries = 0
        package var files = 0
        package var days = 0
        /// The events in the selection that were erased or lost before.
        package var before = 0
        /// The paths of damaged files because of which a day was not sealed again. The next sweep seals it.
        package var unsealed: [String] = []
    }

    /// - Throws: ``BatchError/notErasable(_:cause:)``, ``BatchError/nothing(_:)``; ``BatchError/refused(_:)`` if a hold
    ///   covers one of the files; ``ArchiveError/differs(_:_:)`` if a file is damaged. Nothing is erased then.
    package func run() throws -> Report {
        let archive = try ArchiveFolder(path)
        return try archive.withLock(purpose: "an erasure") {
            let index = try Recovery(archive, observe: observe).run().index
            let (plan, found) = try index.read { try makePlan($0, archive) }
            var report = found
            guard acts else { return report }
            let run = RewriteRun(archive, index, pipeline: pipeline, observe: observe)
            let (record, unsealed) = try run.commit(plan.map(\.file), .erased, decider) {
                _, number, staging, pass in
                try write(plan, to: staging, of: archive, record: number, pass)
            }
            report.record = record.sweep
            report.unsealed = unsealed.map(\.file)
            return report
        }
    }

    /// Writes the files again on all threads. Blocks without an erased line keep their bytes.
    private func write(
        _ plans: [ErasurePlan], to staging: ArchiveFolder.Staging, of archive: ArchiveFolder, record: Int,
        _ pass: (RewriteRun.Rewritten) throws -> Void
    ) throws {
        try pipeline.run(plans.count) {
            (deflater: Deflater(), inflater: Inflater())
        } produce: { tools, place in
            let plan = plans[place]
            let file = try GzipFile(plan.file.reference, in: archive)
            return try file.rewrite(
                to: staging.file(plan.file.path), deflater: tools.deflater, inflater: tools.inflater
            ) { line, place in
                guard plan.lines.contains(place) else { return nil }
                let tombstone = Tombstone(lineHash: ContentHash(of: Array(line)), gone: .erased, record: record)
                do {
                    return try Self.replacement(of: line, in: plan.file, tombstone)
                } catch let fault as LineFault {
                    throw ArchiveError.differs(file.fullPath, "line \(place + 1) cannot be parsed: \(fault)")
                }
            }
        } consume: { place, written in
            try pass(
                .init(
                    file: plans[place].file, state: written.state, blocks: written.blocks, gone: plans[place].lines))
        }
    }

    /// Returns the line that replaces another, including its LF.
    private static func replacement(
        of line: ArraySlice<UInt8>, in file: IndexedFile, _ tombstone: Tombstone
    ) throws -> [UInt8]? {
        switch file.kind {
        case .archives: return try EventTombstone(of: EventLine(line), tombstone).bytes
        case .ledgers:
            guard case .redelivery(var again) = try LedgerLine(line) else { return nil }
            (again.differing, again.tombstone) = (nil, tombstone)
            return LedgerLine.redelivery(again).bytes
        }
    }

    /// Returns the lines to erase by file, in the order of the paths.
    private func makePlan(_ snapshot: IndexSnapshot, _ archive: ArchiveFolder) throws -> (plan: [ErasurePlan], Report) {
        let holds = try HoldCheck(snapshot, archive)
        var plans = ErasurePlan.Builder()
        var report = Report()
        switch target {
        case .events(let ids, let environment):
            for id in ids {
                let lines = try lines(of: id, Selection(environment: environment), snapshot)
                for (file, line, isGone) in lines {
                    if isGone {
                        report.before += 1
                    } else {
                        plans.add(line, of: file)
                    }
                    for again in try snapshot.differingRedeliveries(ofLine: line, in: file) {
                        plans.add(again.line, of: again.ledger)
                    }
                }
            }
        case .business(let selection):
            try snapshot.forEachFile(.archives, in: selection) { file in
                for line in try snapshot.linesPresent(in: file) { plans.add(line, of: file) }
                for again in try snapshot.differingRedeliveries(ofEventsIn: file) {
                    plans.add(again.line, of: again.ledger)
                }
            }
            try snapshot.forEachFile(.ledgers, in: selection) { file in
                for line in try snapshot.differingRedeliveries(in: file) { plans.add(line, of: file) }
            }
            report.before = try snapshot.goneEvents(selection)
        }
        let plan = plans.plans
        guard !plan.isEmpty else { throw nothing(report.before) }
        let damaged = try snapshot.damage()
        for it in plan {
            try holds.requireNone(on: it.file)
            if let damage = damaged.first(where: { $0.path == it.file.path }) {
                throw ArchiveError.differs(
                    archive.root.path(of: it.file.path), "\(damage.cause); run `daybook repair` first")
            }
        }
        report.files = plan.count
        report.days = Set(plan.map { "\($0.file.environment) \($0.file.day)" }).count
        report.events = plan.filter { $0.file.kind == .archives }.reduce(0) { $0 + $1.lines.count }
        report.redeliveries = plan.filter { $0.file.kind == .ledgers }.reduce(0) { $0 + $1.lines.count }
        return (plan, report)
    }

    /// Returns where the events with an id are: at most two, one in each environment.
    ///
    /// - Throws: ``BatchError/notErasable(_:cause:)`` if there is none.
    private func lines(
        of id: DeliveryID, _ selection: Selection, _ snapshot: IndexSnapshot
    ) throws -> [(file: IndexedFile, line: Int, isGone: Bool)] {
        let found = try snapshot.lines(holding: id).filter { selection.covers($0.archive) }
        if !found.isEmpty {
            return try found.map { ($0, $1, try snapshot.tombstone(ofLine: $1, in: $0) != nil) }
        }
        var cause = "the archive has no event with this id; if the delivery is still in the spool, sweep first"
        if let event = try snapshot.events(repeatedBy: id).first {
            cause = "it is a redelivery; erase its event, \(event)"
        } else if let entry = try snapshot.quarantine(id).last {
            cause =
                entry.state == .held
                ? "it is in quarantine; discard it with `daybook quarantine discard`" : "it was \(entry.state.rawValue)"
        }
        throw BatchError.notErasable(id.description, cause: cause)
    }

    private func nothing(_ before: Int) -> BatchError {
        switch target {
        case .events(let ids, _):
            .notErasable(ids.map(\.description).joined(separator: ", "), cause: "it was erased or lost before")
        case .business where before > 0:
            .nothing("there is nothing to erase: its \(before) events were erased or lost before")
        case .business:
            .nothing("there is nothing to erase: the archive has no event of this selection; see `daybook list`")
        }
    }
}
