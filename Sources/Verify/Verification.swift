package import Archive
package import ArchiveIndex
internal import DurableFiles
package import Parallel
internal import Webhooks

/// Reads everything in a selection, and finds what is not as promised.
///
/// It needs no lock: it reads one snapshot of the index, and the files as they were in it, while sweeps publish. It
/// trusts neither the index nor the records: each is compared with the bytes, and with the other. It shares no code
/// with the writers.
///
/// | what | is compared with |
/// | --- | --- |
/// | a file's bytes | the gzip format, CRC-32 and length, the hash in the index |
/// | each earlier state of a file | the length and hash that its sweep recorded |
/// | a line | strict JSON, its path, its payload's hash, the index's row |
/// | a tombstone | the record that rewrote the file, the index's row |
/// | the lines of a file that was rewritten since it was sealed | the hash of the lines in the seal |
/// | blocks, events, redeliveries, quarantine in the index | the lines |
/// | what the scans received, by environment and day | the lines, summed |
/// | decisions on the quarantined | the lines that record them |
/// | sweeps and their days in the index | their records, which have no gap |
/// | by how much a file grew | the record before, and the sweep of each row |
/// | seals | their leaves, these the files' states, the seal before, the index |
/// | signatures | the seals, and who may sign |
/// | files in the archive | the index: none is unknown |
package struct Verification {
    let archive: ArchiveFolder
    let selection: Selection
    let allowedSigners: String?
    private let pipeline: Pipeline
    let progress: Progress

    /// - Parameters:
    ///   - allowedSigners: The path of an allowed-signers file (ssh-keygen(1), "ALLOWED SIGNERS"). Every seal
    ///     must then be signed by one of these signers. With `nil`, signatures must match the seals beside them,
    ///     whoever signed.
    ///   - pipeline: The threads that read the files. The findings and their order do not depend on their number.
    ///   - progress: Called with each file that was read.
    package init(
        _ archive: ArchiveFolder, _ selection: Selection = Selection(), allowedSigners: String? = nil,
        pipeline: Pipeline = Pipeline(), progress: @escaping Progress = { _, _ in }
    ) {
        self.archive = archive
        self.selection = selection
        self.allowedSigners = allowedSigners
        self.pipeline = pipeline
        self.progress = progress
    }

    /// Gets the path of a file and its compressed size in bytes.
    package typealias Progress = (_ path: String, _ bytes: Int) throws -> Void

    package struct Report: Encodable, Equatable, Sendable {
        package var archives = 0
        package var ledgers = 0
        package var events = 0
        package var redeliveries = 0
        package var quarantined = 0
        /// The events that were erased or lost, and are in `events` too.
        package var gone = 0
        /// The days whose files were pruned.
        package var pruned = 0
        package var seals = 0
        package var signatures = 0
        package var sweeps = 0
        /// The compressed size of the files that were read, in bytes.
        package var bytes = 0
        package var findings: [Finding] = []
    }

    /// - Throws: ``IndexError`` if the index cannot be read, or ``FileError`` if a file cannot, which says
    ///   nothing about the archive. Anything wrong with the archive is a finding.
    package func run() throws -> Report {
        while true {
            let (report, lastSweep) = try runOnce()
            if report.findings.isEmpty { return report }
            // Files that were erased from or pruned meanwhile are not in the states that the snapshot has.
            let isOutdated = try IndexDatabase.open(forReadingIn: archive).read { try $0.hasRewrites(after: lastSweep) }
            if !isOutdated { return report }
        }
    }

    private func runOnce() throws -> (Report, lastSweep: Int) {
        let index = try IndexDatabase.open(forReadingIn: archive)
        let snapshots = try SharedSnapshot(pipeline.threads + 1, of: index)
        var lastSweep = 0
        var check = try snapshots.reader().read { snapshot in
            lastSweep = try snapshot.lastSweep()
            var check = try Check(self, snapshot: snapshot, snapshots: snapshots, pipeline: pipeline)
            try check.run()
            return check
        }
        // Files that the snapshot does not have may have been added since.
        if !check.unknown.isEmpty {
            try index.read { snapshot in
                for path in check.unknown where try isUnknown(path, snapshot) {
                    if let last = try check.recordedStates.states(of: path).last, last.change.isRemoval {
                        check.report(
                            path, "record \(last.sweep) pruned it, and it is there again",
                            remedy: "move it out of the archive")
                        continue
                    }
                    check.report(
                        path, "no sweep recorded it", remedy: "move it out of the archive: Daybook did not write it")
                }
            }
        }
        for file in check.longer where try isLonger(file, index) {
            check.report(file.path, "something follows what the last sweep recorded", remedy: Self.restore)
        }
        return (check.result, lastSweep)
    }

    static let restore = "run `daybook repair`, with --from and a copy of the archive"
    package static let reindex = "run `daybook reindex`"

    private func isUnknown(_ path: String, _ snapshot: IndexSnapshot) throws -> Bool {
        let kind: IndexedFile.Kind = ArchivePath.parse(path)?.isLedger == true ? .ledgers : .archives
        return try !snapshot.knows(kind, path: path) && archive.root.status(of: path) != nil
    }

    /// Checks the files that are longer than in their snapshot with a fresh one, since a sweep may have added
    /// lines.
    private func isLonger(_ file: IndexedFile, _ index: IndexDatabase) throws -> Bool {
        while true {
            let known = try index.read { try $0.file(file.kind, path: file.path) }
            let size = try archive.root.status(of: file.path)?.size ?? 0
            // Nothing was committed in the meantime.
            if try index.read({ try $0.file(file.kind, path: file.path) }) == known {
                return size > known?.state.gzipBytes ?? 0
            }
        }
    }
}

extension Verification {
    /// A state that a file was in, with what ``GzipState`` does not include.
    struct KnownState: Sendable {
        let state: GzipState
        let textHash: ContentHash
        let linesHash: ContentHash
        let tally: Counts
    }

    /// The first lines of a file that was rewritten.
    struct KnownLines: Sendable {
        let hash: ContentHash
        let tally: Counts
        /// Whether the hash has that of every line: a line that was lost has none.
        let hasAllHashes: Bool
    }

    /// What is known of the files of some days, once they were read.
    struct CheckedFiles: Sendable {
        /// The states that files went through, by path and length.
        var states: [String: [Int: KnownState]] = [:]
        /// The first lines of files that were rewritten, by path and number.
        var prefixes: [String: [Int: KnownLines]] = [:]
        /// The states that records have of files, by path.
        var growth: [String: [RecordedStates.State]] = [:]
    }

    /// One run over one snapshot.
    ///
    /// Files are checked a few days at a time, each with the seals of the day. So memory does not grow with the archive.
    struct Check {
        let archive: ArchiveFolder
        let selection: Selection
        let progress: Progress
        let verification: Verification
        let snapshot: IndexSnapshot
        let snapshots: SharedSnapshot
        let pipeline: Pipeline
        var result = Report()
        var unknown: [String] = []
        /// Files that are longer than the index records.
        var longer: [IndexedFile] = []
        /// The states that records have of all files, on disk.
        let recordedStates: RecordedStates
        /// The days whose files were pruned, according to the records.
        var pruned: Set<DayKey> = []
        /// The sums of the lines of a day.
        var lines: [DayKey: Counts] = [:]
        /// The sums of the records of a day.
        var recorded: [DayKey: Counts] = [:]

        struct DayKey: Hashable {
            let environment: Environment
            let day: String
        }

        init(
            _ verification: Verification, snapshot: IndexSnapshot, snapshots: SharedSnapshot, pipeline: Pipeline
        ) throws {
            recordedStates = try RecordedStates()
            self.verification = verification
            archive = verification.archive
            selection = verification.selection
            progress = verification.progress
            self.snapshot = snapshot
            self.snapshots = snapshots
            self.pipeline = pipeline
        }

        mutating func report(_ path: String, _ what: String, remedy: String) {
            result.findings.append(Finding(path: path, what: what, remedy: remedy))
        }

        /// Reports an error that names a file of its own, or else the file at `path`.
        mutating func report(_ error: ArchiveError, at path: String) {
            switch error {
            case .differs(let file, let cause), .unreadable(let file, let cause):
                report(archive.root.relativePath(of: file) ?? path, cause, remedy: Verification.restore)
            default: report(path, "\(error)", remedy: Verification.restore)
            }
        }

        mutating func run() throws {
            for marker in archive.damagedMarkers {
                report(
                    marker, "it is missing or damaged, and its copy is not",
                    remedy: "run `daybook sweep`, which restores it")
            }
            try checkRecords()
            try checkPrunedDays()
            for environment in Environment.allCases.sorted()
            where selection.environment ?? environment == environment {
                try checkDays(environment, sealedBy: checkChain(environment))
            }
            checkConservation()
            if try snapshot.goneEvents(selection) != result.gone {
                report(
                    IndexDatabase.fileName, "it has tombstones for lines that have their events",
                    remedy: Verification.reindex)
            }
            unknown = try unknownFiles()
        }

        /// Checks that each sweep in the index has a record that agrees with it, and that no number is
        /// missing.
        private mutating func checkRecords() throws {
            var expected = 1
            for row in try snapshot.sweeps() {
                let sweep = row.record.sweep
                let path = ArchivePath.record(sweep)
                if sweep != expected {
                    report(path, "sweep \(expected) is missing in the index", remedy: Verification.reindex)
                }
                expected = sweep + 1
                result.sweeps += 1
                do {
                    try checkRecord(row, at: path)
                } catch let error as ArchiveError {
                    report(path, "\(error)", remedy: Verification.restore)
                }
            }
            // There is normally none: a sweep commits its row before it publishes its record.
            let last = expected - 1
            for sweep in try archive.recordedSweeps() where sweep > last {
                if try verification.isStillUnknown(sweep) {
                    report(
                        ArchivePath.record(sweep), "the index does not know sweep \(sweep)",
                        remedy: Verification.reindex)
                }
            }
        }

        private mutating func checkRecord(_ row: IndexSnapshot.SweepRow, at path: String) throws {
            let sweep = row.record.sweep
            guard let reader = try archive.anyRecord(sweep) else {
                return report(path, "the record of sweep \(sweep) is missing", remedy: Verification.restore)
            }
            if !row.matches(reader.record) {
                report(
                    path, "the record and the index have different counts for sweep \(sweep)",
                    remedy: Verification.reindex)
            }
            for day in reader.record.days {
                recorded[DayKey(environment: day.environment, day: day.day), default: Counts()] += day.counts
            }
            if reader.record.kind == .prune {
                pruned.formUnion(reader.record.days.map { DayKey(environment: $0.environment, day: $0.day) })
            }
            try recordedStates.add(reader)
        }

        /// Checks that the index has the days as pruned that the records have.
        private mutating func checkPrunedDays() throws {
            result.pruned = pruned.count { isSelected($0) }
            let indexed = try Environment.allCases.flatMap { environment in
                try snapshot.prunedDays(environment).keys.map {
                    DayKey(environment: environment, day: $0.description)
                }
            }
            if Set(indexed) != pruned {
                report(
                    IndexDatabase.fileName, "it has other days as pruned than the records", remedy: Verification.reindex
                )
            }
        }

        /// Checks, for each environment and day of receipt, that the sums of the records are the sums of the
        /// lines.
        private mutating func checkConservation() {
            guard selection.businesses.isEmpty else { return }
            let days = Set(recorded.keys).union(lines.keys).sorted {
                ($0.environment, $0.day) < ($1.environment, $1.day)
            }
            // What a pruned day received is compared with its seal.
            for key in days where isSelected(key) && !pruned.contains(key) {
                let scans = recorded[key] ?? Counts()
                let found = lines[key] ?? Counts()
                let path = ArchivePath.environment(key.environment)
                if !scans.areConserved {
                    report(
                        path, "on \(key.day) the records say \(Self.sentence(scans)), which do not add up",
                        remedy: Verification.restore
                    )
                }
                if scans.received != found.archived + found.redelivered + found.quarantined
                    || scans.archived != found.archived || scans.redelivered != found.redelivered
                    || scans.quarantined != found.quarantined || scans.released != found.released
                    || scans.discarded != found.discarded
                {
                    report(
                        path,
                        "on \(key.day) the scans counted \(Self.sentence(scans)), and the lines are "
                            + "\(found.archived) archived, \(found.redelivered) redelivered, \(found.quarantined) quarantined",
                        remedy: Verification.restore)
                }
            }
        }

        private func isSelected(_ key: DayKey) -> Bool {
            guard let day = CivilDate(key.day) else { return true }
            return selection.environment ?? key.environment == key.environment && selection.from ?? day <= day
                && day <= selection.to ?? day
        }

        private static func sentence(_ counts: Counts) -> String {
            "\(counts.received) received, \(counts.archived) archived, \(counts.redelivered) redelivered, "
                + "\(counts.quarantined) quarantined"
        }
    }

    /// A record without a row in the index at hand is a fault only if a fresh look at the index finds none either.
    fileprivate func isStillUnknown(_ sweep: Int) throws -> Bool {
        try IndexDatabase.open(forReadingIn: archive).read { try $0.lastSweep() } < sweep
    }
}

extension IndexSnapshot.SweepRow {
    /// Whether the index has everything in the record, except the files' lengths, which are in the files' rows.
    fileprivate func matches(_ record: SweepRecord) -> Bool {
        var sum = record.total
        // Its own row does not have these counts, but the rows of its days do.
        sum.released = 0
        sum.discarded = 0
        func sorted(_ days: [SweepRecord.DayCounts]) -> [SweepRecord.DayCounts] {
            days.sorted { ($0.environment, $0.day) < ($1.environment, $1.day) }
        }
        return self.record.sweep == record.sweep && self.record.kind == record.kind
            && self.record.started == record.started && self.record.by == record.by
            && self.record.reason == record.reason && self.record.hold == record.hold
            && self.record.releasedHold == record.releasedHold && sorted(self.record.days) == sorted(record.days)
            && total == sum && compressed == record.compressed
    }
}
