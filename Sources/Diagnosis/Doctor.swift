internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
package import Webhooks

/// The report of `daybook doctor`: what is wrong or unusual about a spool and an archive, and what the payloads look
/// like.
///
/// The provider documents neither where a payload names its business, nor an id, nor headers, so these are read from
/// the payloads that it sent.
package struct Doctor {
    /// Something that is wrong or unusual, and its remedy.
    package struct Problem: Encodable, Sendable {
        package enum Severity: String, Encodable, Sendable { case wrong, odd }
        package var severity: Severity
        package var what: String
        package var remedy: String

        package init(severity: Severity, what: String, remedy: String) {
            self.severity = severity
            self.what = what
            self.remedy = remedy
        }
    }

    /// How a business pointer performs by itself.
    package struct PointerRow: Encodable, Sendable {
        package var pointer: String
        /// The number of payloads in which it finds a value.
        package var matched: Int
        /// The number of different values that it finds.
        package var distinct: Int
    }

    package struct Report: Encodable, Sendable {
        package var findings: [Problem] = []
        /// The number of payloads that were read for the following figures.
        package var sampled = 0
        package var unreadable = 0
        /// The number of payloads in which no pointer finds a business.
        package var unassigned = 0
        package var pointers: [PointerRow] = []
        /// The stored request headers, each with the number of deliveries that have it.
        package var headers: [String: Int] = [:]
        package var pending = 0
        package var quarantined = 0
        package var redelivered = 0
        /// The number of redeliveries that differ from their event.
        package var differing = 0
    }

    private let spoolPath: String
    private let archivePath: String
    private let rules: PayloadRules
    private let now: Timestamp
    private var result = Report()
    private var matched: [Int]
    private var distinct: [Set<String>]

    /// The maximum number of payloads to read.
    package static let sample = 10_000

    package init(spool: String, archive: String, rules: PayloadRules, now: Timestamp) {
        spoolPath = spool
        archivePath = archive
        self.rules = rules
        self.now = now
        matched = rules.business.map { _ in 0 }
        distinct = rules.business.map { _ in [] }
    }

    /// Examines both without changing anything, and without a lock.
    package func run() throws -> Report {
        var doctor = self
        let archive = doctor.openArchive()
        try doctor.examineSpool(archive)
        if let archive { try doctor.examine(archive) }
        doctor.judge()
        return doctor.result
    }

    private mutating func report(_ severity: Problem.Severity, _ what: String, remedy: String) {
        result.findings.append(Problem(severity: severity, what: what, remedy: remedy))
    }

    // MARK: - Spool

    private mutating func examineSpool(_ archive: ArchiveFolder?) throws {
        guard try Folder.existing(spoolPath) != nil else {
            return report(
                .odd, "\(spoolPath) is not a spool",
                remedy: "name the spool with --spool, or start daybook-receiver to create it")
        }
        let spool = try SpoolFolder(spoolPath)
        if let bound = try spool.archiveID(), let archive, bound != archive.identity.archive {
            report(
                .wrong, "\(spoolPath) is swept into a different archive than \(archivePath)",
                remedy: "name the archive of this spool with --archive")
        }
        for environment in Environment.allCases {
            let part: EnvironmentSpool?
            do {
                part = try spool.environment(environment)
            } catch {
                report(.wrong, "\(error)", remedy: "put both on one filesystem, then run `daybook doctor` again")
                continue
            }
            guard let part else { continue }
            let scan = try part.scan(limit: Self.sample)
            result.pending += scan.total
            result.quarantined += try part.quarantined().count
            for sentence in scan.odd { report(.odd, sentence, remedy: "move it out of the spool") }
            for error in scan.unreadable {
                report(.wrong, "\(error)", remedy: "it stays in the spool until it can be read")
            }
            if let first = scan.entries.first, now.milliseconds - first.time.milliseconds > 2 * 86_400_000 {
                report(
                    .wrong, "a delivery of \(first.time) is still in \(part.new.path)",
                    remedy: "run `daybook sweep`, and check whether cron runs it")
            }
            for entry in scan.entries where result.sampled < Self.sample {
                guard let contents = try? part.read(entry), let payload = contents.payload else { continue }
                take(payload, headers: contents.headers)
            }
        }
    }

    // MARK: - Archive

    private mutating func openArchive() -> ArchiveFolder? {
        do {
            return try ArchiveFolder(archivePath)
        } catch ArchiveError.noArchive {
            report(
                .odd, "\(archivePath) is not an archive",
                remedy: "name the archive with --archive, or create one with `daybook sweep`")
        } catch {
            report(.wrong, "\(error)", remedy: "the archive cannot be examined before that")
        }
        return nil
    }

    private mutating func examine(_ archive: ArchiveFolder) throws {
        let index: IndexDatabase
        do {
            index = try IndexDatabase.open(forReadingIn: archive)
        } catch let error as IndexError {
            return report(.wrong, "\(error)", remedy: "run `daybook reindex`")
        }
        let (open, last) = try index.read { try ($0.openSweeps(), $0.lastSweep()) }
        for sweep in open {
            report(
                .odd, "sweep \(sweep.sweep) is \(sweep.state.rawValue), but not complete",
                remedy: "the next `daybook sweep` completes it")
        }
        if let recorded = try archive.recordedSweeps().last, recorded > last {
            report(
                .wrong, "the index knows sweep \(last), but the archive has sweep \(recorded)",
                remedy: "run `daybook reindex`")
        }
        for environment in Environment.allCases {
            let days = try index.read {
                try $0.unsealedDays(environment, before: archive.calendar.day(of: now))
            }
            if let first = days.first {
                report(
                    .odd, "\(days.count) days of \(environment) are over, but not sealed; the first is \(first)",
                    remedy: "run `daybook sweep`")
            }
        }
        let (redelivered, differing) = try index.read { try $0.redeliveryCounts() }
        result.redelivered = redelivered
        result.differing = differing
        try examineFiles(of: archive, index)
        do {
            _ = try EventQuery(limit: Self.sample - result.sampled).run(in: archive, index) { found, _ in
                guard let event = try? EventLine(found.line) else { return }
                take(event.payload, headers: event.headers.map { Array($0.utf8) })
            }
        } catch let error as ArchiveError {
            report(.wrong, "\(error)", remedy: "run `daybook repair`; `daybook verify` lists every damaged file")
        }
    }

    /// Reports the files that are missing or shorter than the index records. Their bytes are not read.
    private mutating func examineFiles(of archive: ArchiveFolder, _ index: IndexDatabase) throws {
        var count = 0
        var first = ""
        try index.read { snapshot in
            for damage in try snapshot.damage() {
                report(
                    .wrong, "\(damage.path) was damaged when the index was rebuilt: \(damage.cause)",
                    remedy: "run `daybook repair`, with --from and a copy of the archive")
            }
            for kind in [IndexedFile.Kind.archives, .ledgers] {
                try snapshot.forEachFile(kind) { file in
                    if try archive.root.status(of: file.path)?.size == file.state.gzipBytes { return }
                    // A sweep that is running may not have published it yet.
                    do {
                        _ = try GzipFile(file.reference, in: archive)
                    } catch {
                        count += 1
                        if first.isEmpty { first = "\(error)" }
                    }
                }
            }
        }
        guard count > 0 else { return }
        report(
            .wrong, "\(count == 1 ? "1 file is" : "\(count) files are") missing or too short; the first: \(first)",
            remedy:
                "run `daybook repair`, with --from and a copy of the archive; deliveries that need a damaged file stay in "
                + "the spool until then")
    }

    // MARK: - Payloads

    private mutating func take(_ payload: [UInt8], headers: [UInt8]?) {
        result.sampled += 1
        if let headers, let values = DeliveryHeaders(sidecar: headers)?.values {
            for name in values.keys { result.headers[name, default: 0] += 1 }
        }
        guard let found = try? PayloadReader(rules: rules).probe(payload) else {
            result.unreadable += 1
            return
        }
        var isAssigned = false
        for (place, value) in found.enumerated() {
            guard let value else { continue }
            isAssigned = true
            matched[place] += 1
            distinct[place].insert(value)
        }
        if !isAssigned { result.unassigned += 1 }
    }

    private mutating func judge() {
        for (place, rule) in rules.business.enumerated() {
            let (matched, distinct) = (matched[place], distinct[place].count)
            result.pointers.append(PointerRow(pointer: rule.description, matched: matched, distinct: distinct))
            if matched >= 50, distinct * 10 > matched * 9 {
                report(
                    .odd, "\(rule) finds a different value in nearly every payload (\(distinct) in \(matched))",
                    remedy: "it is probably not the id of a business: set --business-pointer without it")
            }
        }
        if result.sampled > 0, result.unassigned * 2 > result.sampled {
            report(
                .odd, "no pointer finds a business in \(result.unassigned) of \(result.sampled) payloads",
                remedy: "print some with `daybook events --unassigned`, and name the place with --business-pointer")
        }
        if result.quarantined > 0 {
            report(
                .odd, "\(result.quarantined) deliveries are held in quarantine", remedy: "see `daybook quarantine list`"
            )
        }
    }
}
