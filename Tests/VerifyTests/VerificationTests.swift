import Archive
import ArchiveIndex
import Batch
import DurableFiles
import Parallel
import SweepSupport
import TestSupport
import Testing
import Verify
import Webhooks

/// Nothing of an archive can be changed, cut or taken away without a finding.
@Suite struct VerificationTests {
    static let paths =
        (try? EventfulNight.shared.get().dawn.archive.files.keys.filter { $0 != "_daybook.json" }.sorted()) ?? []

    let fixture: SweepFixture

    init() throws {
        fixture = try SweepFixture(copyOf: EventfulNight.shared.get().eve)
        try fixture.sweep()
    }

    @Test(arguments: paths) func everyDamagedFileIsFound(_ path: String) throws {
        let full = "archive/\(path)"
        let bytes = try fixture.folder.read(full)
        #expect(try fixture.findings() == [])
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        let damages: [(String, [UInt8]?)] = [
            ("changed", changed), ("gone", nil), ("cut", bytes.dropLast()), ("grown", bytes + [10]),
        ]
        for (damage, bytes) in damages {
            fixture.folder.remove(full)
            if let bytes { try fixture.folder.write(bytes, to: full) }
            let findings = try fixture.findings()
            #expect(!findings.isEmpty, "\(damage)")
        }
    }

    @Test func aFileThatNoSweepRecordedIsFound() throws {
        try fixture.folder.write([], to: "archive/\(SweepFixture.archivePath("z", "2026-11-24"))")
        #expect(try fixture.findings() == ["\(SweepFixture.archivePath("z", "2026-11-24")): no sweep recorded it"])
    }

    @Test(arguments: [
        "UPDATE events SET type = 'Y' WHERE event = 1", "DELETE FROM events WHERE event = 1",
        "UPDATE events SET fingerprint = zeroblob(16) WHERE event = 2", "DELETE FROM redeliveries WHERE redelivery = 1",
        "UPDATE redeliveries SET event = event + 1", "UPDATE quarantine SET reason = ''",
        "DELETE FROM blocks WHERE archive = 1",
        "UPDATE blocks SET offset = offset + 1", "UPDATE archives SET sha256 = replace(sha256, 'a', 'b')",
        "UPDATE sweep_days SET received = received + 1",
        "DELETE FROM sweeps WHERE sweep = 1", "DELETE FROM seals WHERE number = 1", "UPDATE seals SET revision = 9",
        "DELETE FROM archives WHERE archive = 1", "DELETE FROM ledgers WHERE ledger = 1",
        "UPDATE sweeps SET received = received + 1 WHERE sweep = 1", "UPDATE sweeps SET archived = 0 WHERE sweep = 2",
        "UPDATE sweeps SET redelivered = 9 WHERE sweep = 2", "UPDATE sweeps SET quarantined = 9 WHERE sweep = 1",
        "UPDATE sweeps SET bytes = bytes + 1 WHERE sweep = 1", "UPDATE sweeps SET compressed = 0 WHERE sweep = 2",
        "UPDATE sweeps SET started = '2026-11-25T02:00:00.001Z' WHERE sweep = 1",
        "UPDATE sweeps SET kind = 'discard' WHERE sweep = 1",
        "UPDATE sweep_days SET day = '2026-11-20' WHERE sweep = 1 AND environment = 'sandbox'",
        "UPDATE sweep_days SET bytes = bytes + iif(environment = 'sandbox', 1, -1) WHERE sweep = 1",
        "UPDATE archives SET first_sweep = 2 WHERE archive = 1", "UPDATE archives SET sweep = 1 WHERE sweep = 2",
        "UPDATE ledgers SET first_sweep = 1 WHERE ledger = 1", "UPDATE events SET sweep = 2 WHERE event = 1",
        "UPDATE redeliveries SET sweep = 1 WHERE redelivery = 1", "UPDATE quarantine SET sweep = 1 WHERE entry = 1",
        "UPDATE events SET line = line + 100 WHERE event = 1", "UPDATE redeliveries SET differing = 1 - differing",
        "UPDATE redeliveries SET event = 1000 WHERE redelivery = 1", "DELETE FROM quarantine WHERE entry = 1",
        "UPDATE quarantine SET at = at + 1 WHERE at IS NOT NULL",
        "UPDATE quarantine SET at = NULL WHERE at IS NOT NULL",
        "UPDATE quarantine SET at = 0 WHERE at IS NULL", "UPDATE quarantine SET state = 'released' WHERE entry = 1",
        "UPDATE quarantine SET decided_in = 2 WHERE entry = 1",
        "UPDATE quarantine SET decided_by = 'eve' WHERE entry = 1",
        "UPDATE quarantine SET decided_at = '2026-11-26T02:00:00.000Z' WHERE entry = 1",
        "INSERT INTO pruned_days VALUES ('production', '2026-11-25', 1, 0, 0)",
        "INSERT INTO tombstones VALUES (1, 'erased', 1)", "INSERT INTO decisions VALUES (1, 'eve', 'no reason')",
        """
        INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint)
        SELECT sweep, archive, line + 100, id, received, type, size, sha256, fingerprint FROM events WHERE event = 1
        """,
    ])
    func anIndexThatDiffersFromTheFilesIsFound(_ sql: String) throws {
        try execute(sql, database: fixture.folder("archive/_index.sqlite"))
        #expect(try !fixture.findings().isEmpty)
    }

    @Test(arguments: [
        "state = 'held'", "state = 'discarded'", "decided_in = 2", "decided_in = NULL", "decided_by = 'eve'",
        "decided_by = NULL", "decided_at = '2026-11-26T02:00:00.001Z'", "decided_at = NULL",
        "state = 'held', decided_in = NULL, decided_by = NULL, decided_at = NULL",
    ])
    func aDecisionThatTheIndexTellsOtherwiseIsFound(_ change: String) throws {
        try release()
        #expect(try fixture.findings() == [])
        try execute(
            "UPDATE quarantine SET \(change) WHERE state = 'released'",
            database: fixture.folder("archive/_index.sqlite")
        )
        let findings = try fixture.findings()
        #expect(
            findings.contains { $0.contains("differs from the index") || $0.contains("is missing from the index") },
            "\(findings)")
    }

    @Test func aDecisionWithoutALineIsFound() throws {
        try release()
        try execute(
            """
            UPDATE quarantine SET (state, decided_in, decided_by, decided_at) =
              (SELECT state, decided_in, decided_by, decided_at FROM quarantine WHERE state = 'released')
            WHERE ledger = (SELECT ledger FROM quarantine WHERE state = 'released')
            """, database: fixture.folder("archive/_index.sqlite"))
        let findings = try fixture.findings()
        #expect(findings.count == 1 && findings[0].hasSuffix("the index has other decisions than the ledger"))
    }

    /// Gives one of two quarantined deliveries of a day back.
    private func release() throws {
        let id = try fixture.receive("[]", at: "2026-11-25T05:30:00.000Z")
        try fixture.sweep()
        try fixture.decide(.release, id)
    }

    @Test(arguments: [
        (#""started":"2026-11-25T"#, #""started":"2026-11-24T"#, "have different counts for sweep 1"),
        (#""lines_before":0"#, #""lines_before":1"#, "does not continue from the lengths it had before"),
        (#""text_before":0"#, #""text_before":1"#, "does not continue from the lengths it had before"),
        (#""gzip_before":0"#, #""gzip_before":1"#, "does not continue from the lengths it had before"),
        (#""compressed":"#, #""compressed":1"#, "it does not list the"),
        (#""files":"#, #""files":1"#, "it does not list the"),
    ])
    func aChangedRecordIsFound(_ part: String, _ replacement: String, _ finding: String) throws {
        let path = "archive/_sweeps/1.ndjson.gz"
        let record = try run("zcat", [fixture.folder(path)]).text
        #expect(record.contains(part))
        fixture.folder.remove(path)
        var changed = try GzipAppender(after: nil, to: Folder(".").newFile(fixture.folder(path)), deflater: Deflater())
        for line in record.replacing(part, with: replacement).split(separator: "\n") {
            try changed.append(Array("\(line)\n".utf8))
        }
        _ = try changed.finish()
        let findings = try fixture.findings()
        #expect(findings.contains { $0.contains(finding) }, "\(findings)")
    }

    @Test func findingsDoNotDependOnThreads() throws {
        for path in Self.paths where path.hasPrefix("environment=") && path.hasSuffix(".ndjson.gz") {
            var bytes = try fixture.folder.read("archive/\(path)")
            bytes[bytes.count - 20] ^= 1
            fixture.folder.remove("archive/\(path)")
            try fixture.folder.write(bytes, to: "archive/\(path)")
        }
        try execute("UPDATE events SET type = 'Y'", database: fixture.folder("archive/_index.sqlite"))
        let reports = try [1, 2, 5].map { try Verification(fixture.archive, pipeline: Pipeline(threads: $0)).run() }
        #expect(reports[0].findings.count > 5)
        #expect(reports[1] == reports[0] && reports[2] == reports[0])
        // By environment, day, and path.
        var seen: Set<String> = []
        let paths = reports[0].findings.map(\.path).filter {
            $0.hasSuffix("events.ndjson.gz") && seen.insert($0).inserted
        }
        let places = paths.map { "\($0.prefix { $0 != "/" }) \($0.suffix(27).prefix(10)) \($0)" }
        #expect(paths.count > 2 && places == places.sorted())
    }

    /// An erasure rewrites files that the verification has in an earlier state.
    @Test func verifiesWhileAnErasureCommits() throws {
        let files = try IndexDatabase.open(forReadingIn: fixture.archive).read { try $0.files(.archives) }
        let last = try #require(files.max { ($0.environment, $0.day, $0.path) < ($1.environment, $1.day, $1.path) })
        let id = try EventLine(Array(try #require(try fixture.lines(last.path).first).utf8)).id
        var calls = 0
        let report = try Verification(fixture.archive, pipeline: Pipeline(threads: 1)) { _, _ in
            if calls == 0 { try fixture.erase(.events([id], last.environment)) }
            calls += 1
        }.run()
        #expect(report.findings == [] && report.gone == 1 && calls > 2 * files.count)
    }

    @Test func verifiesWhileASweepCommits() throws {
        let index = try IndexDatabase.open(forReadingIn: fixture.archive)
        var calls = 0
        // There would be findings about what the sweep below adds, if not all threads saw the index as it was before.
        let report = try Verification(fixture.archive, pipeline: Pipeline(threads: 2)) { _, _ in
            if calls == 0 {
                try fixture.receive(
                    #"{"event":"X","data":{"business_id":"acme"}}"#, at: "2026-11-25T09:00:00.000Z")
                try fixture.sweep()
            }
            calls += 1
        }.run()
        #expect(report.findings == [] && report.sweeps == 2)
        #expect(try index.read { try $0.lastSweep() } == 3)
    }
}
