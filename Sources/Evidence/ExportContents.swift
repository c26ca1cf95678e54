internal import Archive
internal import ArchiveIndex
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
struct ExportContents {
    /// A day in one environment.
    struct Day {
        let environment: Environment
        let day: CivilDate
        /// The counts of the exported lines. `received` is only set if all businesses are exported.
        var counts = Counts()
        /// The newest seal of the day.
        var seal: SealEntry?
    }

    struct SealEntry {
        let environment: Environment
        let number: Int
        let day: CivilDate
        let revision: Int
        /// The path of the seal from the environment's folder.
        let path: String
        let hash: ContentHash
        let isSigned: Bool
        let leaves: Int
    }

    /// A small file that is included unchanged.
    struct Copy {
        /// The path from the archive's root.
        let path: String
        /// The hash that another file records for it, or `nil` for a signature, which proves itself.
        let hash: ContentHash?
    }

    let selection: Selection
    /// The days, by environment and day.
    var days: [Day] = []
    /// The archives and ledgers.
    var files: [GzipReference] = []
    var copies: [Copy] = []
    /// The leaves, unpacked.
    var leaves: [ExportItem] = []
    /// The seals, in the order of their chains.
    var seals: [SealEntry] = []
    /// The number of lines of sealed days that arrived after the seal and were left out.
    var late = 0
    /// The number of events that were erased or lost. A tombstone is in the place of each.
    var gone = 0
    /// The latest time of a seal, or of a receipt that no seal closes.
    var newest = Timestamp(milliseconds: 0)

    var isOfAll: Bool { selection.business == nil }

    init(_ selection: Selection, archive: ArchiveFolder, snapshot: IndexSnapshot) throws {
        self.selection = selection
        gone = try snapshot.goneEvents(selection)
        let held = try snapshot.files(.archives, selection) + snapshot.files(.ledgers, selection)
        let received = Dictionary(
            uniqueKeysWithValues: try snapshot.dayCounts(selection).map {
                ("\($0.environment) \($0.day)", $0.counts.received)
            })
        for (environment, files) in Dictionary(grouping: held, by: \.environment).sorted(by: { $0.key < $1.key }) {
            let byDay = Dictionary(grouping: files, by: \.day)
            let closed = try addSeals(of: environment, on: Set(byDay.keys), archive, snapshot)
            for (day, files) in byDay.sorted(by: { $0.key < $1.key }) {
                var entry = Day(environment: environment, day: day, seal: closed[day]?.seal)
                if let closed = closed[day] {
                    try add(files, closedBy: closed.statements, to: &entry.counts, archive, snapshot)
                    entry.counts.received = closed.received
                    // All of it arrived after the seal.
                    if entry.counts.archived + entry.counts.redelivered + entry.counts.quarantined == 0 { continue }
                } else {
                    for file in files { try add(file, to: &entry.counts, archive: archive, snapshot: snapshot) }
                    entry.counts.received = received["\(environment) \(day)"] ?? 0
                }
                days.append(entry)
            }
        }
    }

    /// Adds the files of a sealed day, in their sealed state.
    private mutating func add(
        _ files: [IndexedFile], closedBy statements: [LeafStatement], to counts: inout Counts, _ archive: ArchiveFolder,
        _ snapshot: IndexSnapshot
    ) throws {
        var closed: [String: LeafStatement.File] = [:]
        for statement in statements {
            let folder = ArchivePath.environment(statement.environment)
            for file in [statement.archive, statement.ledger].compactMap({ $0 }) {
                closed["\(folder)/\(file.path)"] = file
            }
            counts.archived += statement.archived
            counts.redelivered += statement.redelivered
            counts.quarantined += statement.quarantined
            counts.released += statement.released
            counts.discarded += statement.discarded
        }
        for file in files {
            late += file.state.lines - (closed[file.path]?.lines ?? 0)
            guard let sealed = closed[file.path] else { continue }
            do {
                self.files.append(
                    try archive.earlier(file.reference, gzipBytes: sealed.gzipBytes, hash: sealed.gzipSHA256))
            } catch ArchiveError.differs(let path, let cause) {
                guard try snapshot.wasRewritten(file) else { throw ArchiveError.differs(path, cause) }
                throw ArchiveError.differs(
                    path, "lines of it were erased since its day was sealed; run `daybook sweep`, which seals it again")
            }
        }
    }

    /// Adds a file of a day that no seal closes.
    private mutating func add(
        _ file: IndexedFile, to counts: inout Counts, archive: ArchiveFolder, snapshot: IndexSnapshot
    ) throws {
        files.append(file.reference)
        newest = max(newest, try snapshot.newestReceipt(in: file))
        if file.kind == .archives {
            counts.archived += file.state.lines
        } else {
            counts += try archive.tally(ofLedger: file.reference)
        }
    }

    var report: Export.Report {
        var report = Export.Report()
        for file in files {
            if ArchivePath.parse(file.path)?.isLedger == true { report.ledgers += 1 } else { report.archives += 1 }
        }
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
