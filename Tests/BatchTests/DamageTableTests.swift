import AccessLog
import Archive
import ArchiveIndex
import Batch
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// Every kind of file, lost, cut, and changed: what a sweep does, what a repair does, and what is archived in the end.
@Suite struct DamageTableTests {
    enum Kind: String, CaseIterable {
        case archiveFile = "environment=production/business=a/day=2026-11-24/events.ndjson.gz"
        case ledger = "environment=production/_ledger/business=a/2026-11-24.ndjson.gz"
        case quarantineLedger = "environment=production/_ledger/business=_unassigned/2026-11-24.ndjson.gz"
        case record = "_sweeps/2.ndjson.gz"
        case leaves = "environment=production/_seals/2026-11-24.leaves.tar.gz"
        case statement = "environment=production/_seals/2026-11-24.json"
        case seal = "environment=production/_seals/2026-11-24.sha256"
        case signature = "environment=production/_seals/2026-11-24.sha256.sig"
        case index = "_index.sqlite"
        case marker = "_daybook.json"
        case accessLog = "_access/2026-11-24.ndjson"
    }

    enum Damage: String, CaseIterable { case lost, cut, changed }

    /// Two sweeps, a sealed and signed day, two days of the access log, and a night's deliveries of three businesses.
    private struct Eve {
        let fixture: SweepFixture
        let copy: TemporaryDirectory
        /// The lines of all files after an undisturbed sweep.
        let wanted: [String]

        init() throws {
            var fixture = try SweepFixture()
            let key = fixture.folder("key")
            _ = try run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
            fixture.configuration.signKey = key
            func receive(_ business: String, _ number: Int, _ time: String, salt: UInt64 = 0) throws {
                try fixture.receive(
                    #"{"event":"X","data":{"business_id":"\#(business)","n":\#(number)}}"#,
                    at: "2026-11-\(time):00.000Z",
                    salt: salt)
            }
            for business in ["a", "b", "c"] { try receive(business, 1, "24T10:00") }
            fixture.now = Timestamp("2026-11-24T12:00:00.000Z")!
            try fixture.sweep()
            for business in ["a", "b"] {
                try receive(business, 2, "24T14:00")
                try receive(business, 1, "24T15:00", salt: 1)
            }
            try fixture.receive("{", at: "2026-11-24T16:00:00.000Z")
            fixture.now = Timestamp("2026-11-25T02:00:00.000Z")!
            try fixture.sweep()
            for day in ["24", "25"] {
                let log = try AccessLogFolder(in: fixture.archive) { Timestamp("2026-11-\(day)T10:00:00.000Z")! }
                try log.append([AccessEntry(.page, auditor: "Ada")])
            }
            copy = try TemporaryDirectory(inMemory: true)
            try copy.copy("archive", of: fixture.folder)
            // Late events, retries, and one that is broken.
            for business in ["a", "b", "c"] {
                try receive(business, 3, "24T20:00")
                try receive(business, 1, "25T10:00", salt: 2)
                try receive(business, 4, "25T11:00")
            }
            try fixture.receive("[", at: "2026-11-24T21:00:00.000Z")
            fixture.now = Timestamp("2026-11-26T02:00:00.000Z")!
            let undisturbed = try SweepFixture(copyOf: fixture)
            try undisturbed.sweep()
            self.fixture = fixture
            wanted = try Self.lines(of: undisturbed)
        }

        static func lines(of fixture: SweepFixture) throws -> [String] {
            try fixture.files.flatMap { path in try fixture.lines(path).map { "\(path) \($0)" } }.sorted()
        }
    }

    private static let eve = Result { try Eve() }

    @Test(arguments: Kind.allCases, Damage.allCases)
    func whatIsDamagedStopsOnlyItself(_ kind: Kind, _ damage: Damage) throws {
        for losesIndex in [false, true] where !(losesIndex && kind == .index) {
            let eve = try Self.eve.get()
            let fixture = try SweepFixture(copyOf: eve.fixture)
            let path = "archive/\(kind.rawValue)"
            var bytes = try fixture.folder.read(path)
            fixture.folder.remove(path)
            if damage == .cut { bytes.removeLast(bytes.count / 2) }
            if damage == .changed { bytes[bytes.count / 2] ^= 1 }
            if damage != .lost { try fixture.folder.write(bytes, to: path) }
            if losesIndex { fixture.removeIndex() }
            let what = "\(kind) \(damage)\(losesIndex ? ", and the index lost" : "")"

            let report = try fixture.sweep()
            let archived = report.total
            // All others' deliveries are done: six of them, and what does not need the file.
            #expect(archived.areConserved && archived.received + report.pending == 10, "\(what)")
            #expect(archived.received >= 6, "\(what): \(archived)")
            #expect(report.pending == report.blocked.reduce(0) { $0 + $1.deliveries }, "\(what)")
            let waits = [.archiveFile, .ledger, .quarantineLedger].contains(kind)
            #expect(waits || report.pending == 0, "\(what): \(report.blocked)")
            let found = try fixture.findings()
            #expect(!waits || !found.isEmpty, "\(what)")

            let repaired = try Repair(fixture.folder("archive"), from: [eve.copy("archive")], acts: true).run()
            #expect(repaired.allSatisfy { $0.outcome == .restored }, "\(what): \(repaired)")
            #expect(try fixture.sweep().pending == 0, "\(what)")
            try Recovery.reindex(fixture.folder("archive")) { _, _, _ in }
            #expect(try fixture.findings() == [], "\(what)")
            #expect(try Eve.lines(of: fixture) == eve.wanted, "\(what)")
        }
    }
}
