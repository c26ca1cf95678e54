internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
internal import Webhooks

/// What a sweep does with the entries that it scanned: which file each adds a line to, and which entries leave the spool.
///
/// ``SweepPlanner`` fills it in, in the order of receipt. It holds a few dozen bytes for each entry, and the lines
/// themselves only in ``lines``, as far as there is memory for them.
struct SweepPlan {
    /// A file that gets new lines.
    struct FileGroup {
        /// The file's row, whose state and last sweep are those from before this sweep.
        let file: IndexedFile
        let isNew: Bool
        /// The new lines, in order.
        var items: [Item] = []

        /// The number of the next line, from 0.
        var nextLine: Int { file.state.lines + items.count }
    }

    /// One new line of a file: the entry it comes from, and what that entry becomes.
    struct Item {
        let entry: EntryIndex
        let outcome: Outcome
    }

    /// The position of an entry in the scan of its environment. A sweep takes at most 2³¹ entries.
    typealias EntryIndex = Int32

    /// What an entry becomes. If there was no memory to keep its line, the payload is read again to write it.
    enum Outcome {
        /// An event whose line is kept, at this offset in the lines of its batch.
        case keptLine(UInt32)
        /// An event whose line was not kept. The first 4 bytes of the payload's hash are enough to notice that it changed.
        case event(UInt32)
        /// A redelivery, by its index in ``SweepPlan/redeliveries``.
        case redelivery(Int32)
        /// A quarantined delivery, by its index in ``SweepPlan/quarantines``.
        case quarantine(Int32)
    }

    private(set) var groups: [FileGroup] = []
    private var indexesOfGroups: [FileKey: Int] = [:]
    /// The lines of events that there was memory to keep, by environment.
    private(set) var lines: [Environment: KeptLines] = [:]
    private(set) var redeliveries: [LedgerLine.Redelivery] = []
    private(set) var quarantines: [LedgerLine.Quarantine] = []
    /// Entries to remove from `new/`, since the archive holds them as an event or a redelivery.
    private(set) var kept: [Environment: [EntryIndex]] = [:]
    /// Entries to move from `new/` to `quarantine/`.
    private(set) var quarantined: [Environment: [(entry: SpoolEntry, note: QuarantineNote)]] = [:]
    /// Why entries could not be read. They stay in the spool.
    private(set) var unreadable = UnreadableEntries()
    private var tally = DayTally()

    /// What identifies a file that gets new lines.
    struct FileKey: Hashable {
        let kind: IndexedFile.Kind
        let environment: Environment
        let business: Business
        let day: CivilDate

        var path: String {
            switch kind {
            case .archives: ArchivePath.archive(in: environment, of: business, on: day)
            case .ledgers: ArchivePath.ledger(in: environment, of: business, on: day)
            }
        }
    }

    /// The counts by environment and day of receipt, in that order.
    var days: [SweepRecord.DayCounts] { tally.days }

    /// The memory that the plan takes beyond what it holds for each entry, in bytes, as measured on 64-bit Linux.
    var memory: Int { groups.count * 1000 + redeliveries.count * 100 + quarantines.count * 600 }

    /// Whether the sweep changes nothing in the spool.
    var clearsNothing: Bool { kept.isEmpty && quarantined.isEmpty }

    // MARK: - Filling it in

    mutating func count(_ entry: PlannedEntry, _ change: (inout Counts) -> Void) {
        tally.count(entry.day, in: entry.environment, change)
    }

    mutating func keepLines(of batch: ReadBatch, at start: Int, in environment: Environment) {
        lines[environment, default: KeptLines(start: start)].append(batch.lines)
    }

    mutating func leaveUnreadable(_ error: FileError) { unreadable.add(error) }

    mutating func clear(_ entry: PlannedEntry) { kept[entry.environment, default: []].append(entry.index) }

    mutating func quarantine(_ entry: PlannedEntry, as line: LedgerLine.Quarantine) {
        let note = QuarantineNote(
            id: line.id, name: entry.entry.name.body, time: line.time, hash: line.hash, size: line.size,
            reason: line.reason, at: line.at)
        quarantined[entry.environment, default: []].append((entry.entry, note))
    }

    mutating func outcome(_ redelivery: LedgerLine.Redelivery) -> Outcome {
        redeliveries.append(redelivery)
        return .redelivery(Int32(redeliveries.count - 1))
    }

    mutating func outcome(_ quarantine: LedgerLine.Quarantine) -> Outcome {
        quarantines.append(quarantine)
        return .quarantine(Int32(quarantines.count - 1))
    }

    /// Returns the index of a file's group, or `nil` if the file has no new line yet.
    func group(_ key: FileKey) -> Int? { indexesOfGroups[key] }

    /// Adds the group of a file that gets its first new line, and returns the group's index.
    mutating func add(_ group: FileGroup, for key: FileKey) -> Int {
        groups.append(group)
        indexesOfGroups[key] = groups.count - 1
        return groups.count - 1
    }

    /// Adds a line to a file.
    ///
    /// - Returns: The row of the file and the number of the line in it, from 0.
    mutating func add(_ item: Item, to group: Int) -> (row: Int64, line: Int) {
        let line = groups[group].nextLine
        groups[group].items.append(item)
        return (groups[group].file.row, line)
    }
}
