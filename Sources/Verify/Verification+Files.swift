internal import Archive
internal import ArchiveIndex
internal import Parallel
internal import Webhooks

extension Verification.Check {
    /// The seals of an environment's days, which were found to be links of its chain.
    typealias SealsByDay = [CivilDate: [Seal]]

    /// The number of files that are checked at a time, unless one day has more.
    private static let batch = 4096

    /// Checks the files of each day, and what the day's seals close.
    mutating func checkDays(_ environment: Environment, sealedBy seals: SealsByDay) throws {
        var days: [CivilDate] = []
        var files: [IndexedFile] = []
        let all = Set(try snapshot.days(of: environment, selection)).union(seals.keys)
        for day in all.sorted() {
            var ofDay = selection
            (ofDay.environment, ofDay.from, ofDay.to) = (environment, day, day)
            let more = try snapshot.files(.archives, ofDay) + snapshot.files(.ledgers, ofDay)
            if !files.isEmpty, files.count + more.count > Self.batch {
                try check(files, of: days, in: environment, sealedBy: seals)
                files.removeAll()
                days.removeAll()
            }
            days.append(day)
            files += more
        }
        try check(files, of: days, in: environment, sealedBy: seals)
    }

    private mutating func check(
        _ files: [IndexedFile], of days: [CivilDate], in environment: Environment, sealedBy seals: SealsByDay
    ) throws {
        var checked = Verification.CheckedFiles()
        for day in days { checked.growth.merge(try recordedStates.states(environment, day)) { $1 } }
        try check(files, &checked)
        for day in days {
            guard let ofDay = seals[day], selection.businesses.isEmpty else { continue }
            for seal in ofDay {
                do {
                    try checkLeaves(of: seal, checked, isNewest: seal.path == ofDay.last?.path)
                } catch let error as ArchiveError {
                    report(error, at: "\(ArchivePath.environment(environment))/\(seal.path)")
                }
            }
        }
    }

    /// What a thread needs for one file after another.
    private struct FileTools {
        let index: SharedSnapshot.Reader
        let inflater: Inflater
    }

    /// Reads files on all cores, and takes the findings in the order of the files.
    private mutating func check(_ files: [IndexedFile], _ checked: inout Verification.CheckedFiles) throws {
        defer { snapshots.takeBack(allBut: 1) }
        try pipeline.run(files.count, inBatches: true) { [snapshots] in
            FileTools(index: snapshots.reader(), inflater: Inflater())
        } produce: { [archive, growth = checked.growth] tools, number in
            let file = files[number]
            return try tools.index.read { snapshot in
                var check = FileCheck(
                    file, growth: growth[file.path] ?? [], in: archive, snapshot: snapshot, inflater: tools.inflater)
                return try check.run()
            }
        } consume: { number, outcome in
            let file = files[number]
            try progress(file.path, file.state.gzipBytes)
            result.findings += outcome.findings
            if outcome.isLonger { longer.append(file) }
            add(outcome, of: file, to: &checked)
        }
    }

    private mutating func add(
        _ outcome: FileCheck.Outcome, of file: IndexedFile, to checked: inout Verification.CheckedFiles
    ) {
        if let bytes = outcome.bytes {
            result.bytes += bytes
            if file.kind == .archives { result.archives += 1 } else { result.ledgers += 1 }
        }
        result.events += outcome.tally.archived
        result.redeliveries += outcome.tally.redelivered
        result.quarantined += outcome.tally.quarantined
        guard outcome.isWhole else { return }
        checked.states[file.path] = outcome.states
        if !outcome.prefixes.isEmpty { checked.prefixes[file.path] = outcome.prefixes }
        if file.kind == .archives { result.gone += outcome.tombstones.count }
        lines[DayKey(environment: file.environment, day: file.day.description), default: Counts()] += outcome.tally
    }
}
