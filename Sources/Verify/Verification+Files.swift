internal import Archive
internal import ArchiveIndex
internal import Parallel
internal import Webhooks

extension Verification.Check {
    /// What a thread needs for one file after another.
    private struct FileTools {
        let index: SharedSnapshot.Reader
        let inflater: Inflater
    }

    /// Reads files on all cores, and takes the findings in the order of the files.
    mutating func check(_ files: [IndexedFile]) throws {
        // Day by day, so that the index's rows for the lines are read from neighbouring pages, each of them
        // once.
        let order = files.indices.sorted { (files[$0].day, $0) < (files[$1].day, $1) }
        var findings: [Int: [Finding]] = [:]
        var longer: [Int] = []
        try pipeline.run(files.count) { [snapshots] in
            FileTools(index: snapshots.reader(), inflater: Inflater())
        } produce: { [archive, growth] tools, place in
            let file = files[order[place]]
            return try tools.index.read { snapshot in
                var check = FileCheck(
                    file, growth: growth[file.path] ?? [], in: archive, snapshot: snapshot, inflater: tools.inflater)
                return try check.run()
            }
        } consume: { place, outcome in
            let number = order[place]
            try progress(files[number].path)
            if !outcome.findings.isEmpty { findings[number] = outcome.findings }
            if outcome.isLonger { longer.append(number) }
            add(outcome, of: files[number])
        }
        for (_, found) in findings.sorted(by: { $0.key < $1.key }) { result.findings += found }
        self.longer += longer.sorted().map { files[$0] }
    }

    private mutating func add(_ outcome: FileCheck.Outcome, of file: IndexedFile) {
        if let bytes = outcome.bytes {
            result.bytes += bytes
            if file.kind == .archives { result.archives += 1 } else { result.ledgers += 1 }
        }
        result.events += outcome.tally.archived
        result.redeliveries += outcome.tally.redelivered
        result.quarantined += outcome.tally.quarantined
        guard outcome.isWhole else { return }
        states[file.path] = outcome.states
        if !outcome.prefixes.isEmpty { prefixes[file.path] = outcome.prefixes }
        if file.kind == .archives { result.gone += outcome.tombstones.count }
        lines[DayKey(environment: file.environment, day: file.day.description), default: Counts()] += outcome.tally
    }
}
