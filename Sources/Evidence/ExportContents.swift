internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

/// The contents of an export, from one snapshot of the index.
///
/// **A sealed day is included exactly as its newest seal closes it.** If a sweep has added lines since and they are
/// not sealed yet, the files are included as they were when they were sealed, and the bundle states how many lines
/// were left out. So anything in the bag that is not sealed is a fault, and `check.sh` reports it. A day that no seal
/// closes yet is included as it is.
///
/// **Seals** of each environment are included without a gap, from the one before the first seal of the first day to
/// the last seal of the last day. A seal reveals only how many other businesses there are. Leaves are
/// included for the selected days: the business's, or all. An environment's statement has the sums of
/// all businesses, and is included only with all.
///
/// Of a **pruned day**, the leaves are included: they show with which counts it was sealed.
///
/// The files of sealed days are not listed here: ``ExportItems`` reads them from the leaves, a day at a time.
struct ExportContents {
    /// A day in one environment.
    struct Day: Sendable {
        let environment: Environment
        let day: CivilDate
        /// The counts of the exported lines. `received` is only set if all businesses are exported.
        var counts = Counts()
        /// The seals of the day, in the order of the chain.
        var seals: [SealEntry] = []
        /// The files of a day that no seal closes.
        var files: [GzipReference] = []
        /// The number of archive files and ledgers.
        var archives = 0
        var ledgers = 0
        /// The record that pruned the day, so that there are only leaves of it.
        var prunedBy: Int?

        /// The newest seal of the day.
        var seal: SealEntry? { seals.last }
    }

    struct SealEntry: Sendable {
        let environment: Environment
        let number: Int
        let day: CivilDate
        let revision: Int
        /// The last sweep that it covers.
        let sweep: Int
        /// The path of the seal from the environment's folder.
        let path: String
        let hash: ContentHash
        let isSigned: Bool
    }

    /// A small file that is included unchanged.
    struct Copy {
        /// The path from the archive's root.
        let path: String
        /// The hash that another file records for it, or `nil` for a signature, which proves itself.
        let hash: ContentHash?
    }

    let selection: Selection
    /// The only business, or `nil` for all.
    let business: Business?
    /// The days, by environment and day.
    private(set) var days: [Day] = []
    private(set) var copies: [Copy] = []
    /// The seals, in the order of their chains.
    private(set) var seals: [SealEntry] = []
    /// The number of lines of sealed days that arrived after the seal and were left out.
    private(set) var late = 0
    /// The number of events that were erased or lost. A tombstone is in the place of each.
    private(set) var gone = 0
    /// The latest time of a seal, or of a receipt that no seal closes.
    private(set) var newest = Timestamp(milliseconds: 0)

    var isOfAll: Bool { business == nil }

    init(_ selection: Selection, archive: ArchiveFolder, snapshot: IndexSnapshot) throws {
        precondition(selection.businesses.count <= 1, "a bag is of one business, or of all")
        self.selection = selection
        business = selection.businesses.first
        gone = try snapshot.goneEvents(selection)
        for environment in Environment.allCases.sorted()
        where selection.environment ?? environment == environment {
            let pruned = try snapshot.prunedDays(environment).filter { selection.covers($0.key) }
            let days = try Set(snapshot.days(of: environment, selection)).union(pruned.keys).sorted()
            let seals = try addSeals(of: environment, on: Set(days), archive, snapshot)
            for day in days {
                var entry = Day(
                    environment: environment, day: day, seals: seals[day] ?? [], prunedBy: pruned[day])
                var ofDay = selection
                (ofDay.environment, ofDay.from, ofDay.to) = (environment, day, day)
                if let seal = entry.seal {
                    try addSealed(ofDay, closedBy: seal, to: &entry, archive, snapshot)
                } else {
                    try addUnsealed(ofDay, to: &entry, archive, snapshot)
                }
                // Otherwise all of it arrived after the seal.
                if entry.archives + entry.ledgers > 0 { self.days.append(entry) }
            }
        }
    }

    /// Adds an environment's seals that belong to the days.
    ///
    /// - Returns: The seals of the days.
    private mutating func addSeals(
        of environment: Environment, on days: Set<CivilDate>, _ archive: ArchiveFolder, _ snapshot: IndexSnapshot
    ) throws -> [CivilDate: [SealEntry]] {
        let chain = try snapshot.seals(environment)
        guard let first = chain.firstIndex(where: { days.contains($0.day) }),
            let last = chain.lastIndex(where: { days.contains($0.day) })
        else { return [:] }
        let folder = ArchivePath.environment(environment)
        var ofDays: [CivilDate: [SealEntry]] = [:]
        for known in chain[max(0, first - 1)...last] {
            let seal = try archive.seal(environment, known.path)
            guard seal.hash == known.hash, seal.statement.number == known.number else {
                throw ArchiveError.differs(
                    archive.root.path(of: "\(folder)/\(known.path)"),
                    "its SHA-256 is not \(known.hash), which the index has")
            }
            let signature = SealSignature.path(ofSeal: "\(folder)/\(known.path)")
            let isSigned = try archive.root.status(of: signature) != nil
            let entry = SealEntry(
                environment: environment, number: known.number, day: known.day, revision: known.revision,
                sweep: known.sweep, path: known.path, hash: known.hash, isSigned: isSigned)
            seals.append(entry)
            copies.append(Copy(path: "\(folder)/\(known.path)", hash: known.hash))
            if isSigned { copies.append(Copy(path: signature, hash: nil)) }
            if isOfAll {
                // Reading the seal has already compared this hash with the one in the seal.
                copies.append(Copy(path: "\(folder)/\(SealPath.statement(known.day, known.revision))", hash: nil))
            }
            if let sealed = Timestamp(seal.statement.sealed) { newest = max(newest, sealed) }
            if days.contains(known.day) { ofDays[known.day, default: []].append(entry) }
        }
        return ofDays
    }

    /// Adds the counts of a sealed day, as its newest seal closes it.
    private mutating func addSealed(
        _ ofDay: Selection, closedBy seal: SealEntry, to entry: inout Day, _ archive: ArchiveFolder,
        _ snapshot: IndexSnapshot
    ) throws {
        let folder = ArchivePath.environment(seal.environment)
        let read = try archive.seal(seal.environment, seal.path)
        var counts = Counts()
        var closed: [String: Int] = [:]
        try archive.forEachLeaf(of: read, business) { leaf in
            counts += leaf.statement.counts
            for file in [leaf.statement.archive, leaf.statement.ledger].compactMap({ $0 }) {
                closed["\(folder)/\(file.path)"] = file.lines
            }
            entry.archives += leaf.statement.archive == nil ? 0 : 1
            entry.ledgers += leaf.statement.ledger == nil ? 0 : 1
        }
        // It covers other businesses, too.
        if isOfAll { counts.received = read.statement.counts.received }
        entry.counts = counts
        for kind in [IndexedFile.Kind.archives, .ledgers] {
            try snapshot.forEachFile(kind, in: ofDay) { file in
                late += file.state.lines - (closed[file.path] ?? 0)
                guard file.sweep > seal.sweep, try snapshot.wasRewritten(file, since: seal.sweep) else { return }
                throw ArchiveError.differs(
                    archive.root.path(of: file.path),
                    "lines of it were erased since its day was sealed; run `daybook sweep`, which seals it again")
            }
        }
    }

    /// Adds the files of a day that no seal closes.
    private mutating func addUnsealed(
        _ ofDay: Selection, to entry: inout Day, _ archive: ArchiveFolder, _ snapshot: IndexSnapshot
    ) throws {
        for kind in [IndexedFile.Kind.archives, .ledgers] {
            try snapshot.forEachFile(kind, in: ofDay) { file in
                entry.files.append(file.reference)
                newest = max(newest, try snapshot.newestReceipt(in: file))
                switch kind {
                case .archives:
                    entry.archives += 1
                    entry.counts.archived += file.state.lines
                case .ledgers:
                    entry.ledgers += 1
                    entry.counts += try archive.tally(ofLedger: file.reference)
                }
            }
        }
        var everybody = ofDay
        everybody.businesses = []
        entry.counts.received = try snapshot.dayCounts(everybody).first?.counts.received ?? 0
    }

    var report: Export.Report {
        var report = Export.Report()
        let days = days.filter { $0.prunedBy == nil }
        report.archives = days.reduce(0) { $0 + $1.archives }
        report.ledgers = days.reduce(0) { $0 + $1.ledgers }
        report.seals = seals.count
        report.signatures = seals.count { $0.isSigned }
        report.events = days.reduce(0) { $0 + $1.counts.archived }
        report.redeliveries = days.reduce(0) { $0 + $1.counts.redelivered }
        report.quarantined = days.reduce(0) { $0 + $1.counts.quarantined }
        report.unsealed = days.count { $0.seal == nil }
        report.late = late
        report.gone = gone
        return report
    }
}
