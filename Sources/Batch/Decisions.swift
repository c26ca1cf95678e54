internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
internal import Webhooks

/// What a sweep decided on the entries that it scanned: which become lines of which file, and what leaves the spool.
struct Decisions {
    /// A file that gets new lines, and from what.
    struct Group {
        /// As it will stand; its state and last sweep are still those of before.
        var file: IndexedFile
        let isNew: Bool
        var nextLine: Int
        var items: [Item] = []
    }

    /// Kept small, since there is one for each delivery.
    struct Item {
        let entry: Place
        let fate: Fate
    }

    /// Of an entry in the scan of its environment.
    typealias Place = Int32

    /// What an entry becomes. Lines that there was no room to keep are made again, of payloads that are read again, when
    /// their file's turn comes.
    enum Fate {
        /// By where its line begins in the lines of its portion.
        case line(UInt32)
        /// By the first 4 bytes of its hash: enough to see that the payload was changed meanwhile.
        case event(UInt32)
        /// By place in ``Decisions/redeliveries``.
        case redelivery(Int32)
        /// By place in ``Decisions/quarantines``.
        case quarantine(Int32)
    }

    /// An entry as it is decided on.
    struct Candidate {
        let place: Place
        let entry: SpoolEntry
        let environment: Environment
        /// Of its receipt.
        let day: CivilDate
    }

    private let calendar: DayCalendar
    private(set) var groups: [Group] = []
    private var groupsByKey: [GroupKey: Int] = [:]
    /// For a file that is new to the index.
    private var nextRow: [IndexedFile.Kind: Int64] = [:]
    /// Lines of events, as far as there was room for them.
    private(set) var lines: [Environment: KeptLines] = [:]
    private(set) var redeliveries: [LedgerLine.Redelivery] = []
    private(set) var quarantines: [LedgerLine.Quarantine] = []
    private var counts: [(key: DayKey, counts: Counts)] = []
    private var placesOfCounts: [DayKey: Int] = [:]
    /// Of the counts that changed last: entries come in the order of receipt, most of them of the same day.
    private var latestCounts = 0
    /// What is kept, and can leave the spool.
    private(set) var kept: [Environment: [Place]] = [:]
    private(set) var setAside: [(environment: Environment, entry: SpoolEntry, note: QuarantineNote)] = []
    /// Entries that could not be read, and stay.
    var unreadable: [FileError] = []

    init(calendar: DayCalendar) { self.calendar = calendar }

    private struct GroupKey: Hashable {
        let kind: IndexedFile.Kind
        let environment: Environment
        let business: Business
        let day: CivilDate
    }

    private struct DayKey: Hashable {
        let environment: Environment
        let day: CivilDate
    }

    /// The counts by environment and day, in that order.
    var days: [SweepRecord.DayCounts] {
        counts.filter { $0.counts != Counts() }
            .sorted { ($0.key.environment, $0.key.day) < ($1.key.environment, $1.key.day) }
            .map {
                SweepRecord.DayCounts(environment: $0.key.environment, day: $0.key.day.description, counts: $0.counts)
            }
    }

    /// An entry as the scan found it, to be decided on.
    func candidate(_ place: Int, _ entry: SpoolEntry, in environment: Environment) -> Candidate {
        Candidate(place: Place(place), entry: entry, environment: environment, day: calendar.day(of: entry.time))
    }

    /// Counts an entry before anything is decided.
    mutating func receive(_ candidate: Candidate) { count(candidate) { $0.received += 1 } }

    /// Takes the count back: the entry stays in the spool, or was counted by an earlier sweep.
    mutating func takeBack(_ candidate: Candidate) { count(candidate) { $0.received -= 1 } }

    private mutating func count(_ candidate: Candidate, _ change: (inout Counts) -> Void) {
        let key = DayKey(environment: candidate.environment, day: candidate.day)
        if latestCounts >= counts.count || counts[latestCounts].key != key {
            if let place = placesOfCounts[key] {
                latestCounts = place
            } else {
                latestCounts = counts.count
                placesOfCounts[key] = latestCounts
                counts.append((key, Counts()))
            }
        }
        change(&counts[latestCounts].counts)
    }

    /// The lines of the next portion of an environment's entries.
    mutating func take(_ lines: [UInt8], in environment: Environment) {
        self.lines[environment, default: KeptLines()].portions.append(lines)
    }

    /// An entry that an earlier sweep kept already.
    mutating func keep(_ candidate: Candidate) {
        kept[candidate.environment, default: []].append(candidate.place)
    }

    /// An entry that an earlier sweep quarantined already.
    mutating func keepAside(_ candidate: Candidate, _ line: LedgerLine.Quarantine) {
        let note = QuarantineNote(
            id: line.id, name: candidate.entry.name.body, time: line.time, hash: line.hash, size: line.size,
            reason: line.reason,
            at: line.at)
        setAside.append((candidate.environment, candidate.entry, note))
    }

    /// An entry that becomes an event.
    ///
    /// - Returns: the row of its archive, and its line there.
    mutating func archive(
        _ candidate: Candidate, _ fit: Reading.Fit, _ reading: Reading, _ transaction: IndexTransaction, sweep: Int
    ) throws -> (row: Int64, line: Int) {
        keep(candidate)
        count(candidate) {
            $0.archived += 1
            $0.bytes += reading.size
        }
        let fate = fit.line.map { Fate.line($0) } ?? .event(reading.hash.prefix)
        return try add(candidate, fate, .archives, fit.business, transaction, sweep: sweep)
    }

    /// An entry that repeats an event.
    ///
    /// - Parameter line: its payload, where it differs from the event's, empty: it is read again when it is written.
    /// - Returns: the row of its ledger, and its line there.
    mutating func redeliver(
        _ candidate: Candidate, _ business: Business, _ line: LedgerLine.Redelivery, size: Int,
        _ transaction: IndexTransaction, sweep: Int
    ) throws -> (row: Int64, line: Int) {
        keep(candidate)
        count(candidate) {
            $0.redelivered += 1
            $0.bytes += size
        }
        redeliveries.append(line)
        return try add(
            candidate, .redelivery(Int32(redeliveries.count - 1)), .ledgers, business, transaction, sweep: sweep)
    }

    /// An entry that cannot become an event.
    ///
    /// - Returns: the row of its ledger, and its line there.
    mutating func quarantine(
        _ candidate: Candidate, _ line: LedgerLine.Quarantine, _ transaction: IndexTransaction, sweep: Int
    ) throws -> (row: Int64, line: Int) {
        keepAside(candidate, line)
        count(candidate) {
            $0.quarantined += 1
            $0.bytes += line.size
        }
        quarantines.append(line)
        return try add(
            candidate, .quarantine(Int32(quarantines.count - 1)), .ledgers, .unassigned, transaction, sweep: sweep)
    }

    private mutating func add(
        _ candidate: Candidate, _ fate: Fate, _ kind: IndexedFile.Kind, _ business: Business,
        _ transaction: IndexTransaction, sweep: Int
    ) throws -> (row: Int64, line: Int) {
        let key = GroupKey(
            kind: kind, environment: candidate.environment, business: business, day: candidate.day)
        let place = try groupsByKey[key] ?? open(key, transaction, sweep: sweep)
        groups[place].items.append(Item(entry: candidate.place, fate: fate))
        groups[place].nextLine += 1
        return (groups[place].file.row, groups[place].nextLine - 1)
    }

    /// Starts a group: its file is told to the index at once, since rows of lines refer to it.
    private mutating func open(_ key: GroupKey, _ transaction: IndexTransaction, sweep: Int) throws -> Int {
        let path =
            key.kind == .archives
            ? ArchivePath.archive(key.environment, key.business, key.day)
            : ArchivePath.ledger(key.environment, key.business, key.day)
        let known = try transaction.snapshot.file(key.kind, path: path)
        let file: IndexedFile
        if let known {
            file = known
        } else {
            let row = try nextRow[key.kind] ?? transaction.snapshot.nextRow(key.kind)
            nextRow[key.kind] = row + 1
            file = IndexedFile(
                kind: key.kind, row: row, environment: key.environment, business: key.business, day: key.day,
                path: path, state: GzipState(lines: 0, textBytes: 0, gzipBytes: 0, crc32: 0, hash: ContentHash(of: [])),
                firstSweep: sweep, sweep: sweep)
            try transaction.add(file)
        }
        groups.append(Group(file: file, isNew: known == nil, nextLine: file.state.lines))
        groupsByKey[key] = groups.count - 1
        return groups.count - 1
    }
}

/// Lines that were made in the first pass of a sweep, by portion.
struct KeptLines: Sendable {
    fileprivate(set) var portions: [[UInt8]] = []

    /// Calls `body` with the line of an entry, its LF included.
    ///
    /// - Parameter start: where it begins in the lines of its portion.
    func withLine<Result>(
        of entry: Decisions.Place, at start: UInt32, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try portions[Int(entry) / Portion.most].withUnsafeBytes { lines in
            try body(UnsafeRawBufferPointer(rebasing: lines[Int(start)...]).firstLine)
        }
    }
}
