import Archive
import ArchiveIndex
import SweepSupport
import TestSupport
import Testing
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

    @Test(arguments: paths) func everyFileIsHeldAgainstSomething(_ path: String) throws {
        let full = "archive/\(path)"
        let bytes = try fixture.folder.read(full)
        #expect(try fixture.findings() == [])
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        var damages: [(String, [UInt8]?)] = [("changed", changed), ("gone", nil)]
        // No hash holds a record, and white space at its end is nothing.
        if !path.hasPrefix("_sweeps/") { damages += [("cut", bytes.dropLast()), ("grown", bytes + [10])] }
        for (damage, bytes) in damages {
            fixture.folder.remove(full)
            if let bytes { try fixture.folder.write(bytes, to: full) }
            let findings = try fixture.findings()
            #expect(!findings.isEmpty, "\(damage)")
        }
    }

    @Test func aFileThatNoSweepWroteIsFound() throws {
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
    ])
    func anIndexThatTellsOtherThanTheFilesIsFound(_ sql: String) throws {
        try execute(sql, database: fixture.folder("archive/index.sqlite"))
        #expect(try !fixture.findings().isEmpty)
    }
}
