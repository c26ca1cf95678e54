import Archive
import ArchiveIndex
import Batch
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// A damaged file stops only what needs that file.
@Suite struct DamageTests {
    let fixture: SweepFixture
    private static let path = "archive/" + SweepFixture.archivePath("a", "2026-11-24")

    private static func event(_ business: String, _ number: Int) -> String {
        #"{"event":"X","data":{"business_id":"\#(business)","n":\#(number)}}"#
    }

    /// An archive with one event, and a spool with more for the same file and for others.
    init() throws {
        fixture = try SweepFixture()
        try fixture.receive(Self.event("a", 1), at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        try fixture.receive(Self.event("a", 2), at: "2026-11-24T11:00:00.000Z")
        try fixture.receive(Self.event("b", 1), at: "2026-11-24T11:30:00.000Z")
        try fixture.receive(Self.event("a", 1), at: "2026-11-24T12:00:00.000Z", .sandbox)
        // A retry on the next day, whose event has no place yet.
        try fixture.receive(Self.event("a", 2), at: "2026-11-25T01:00:00.000Z", salt: 1)
        try fixture.receive("{", at: "2026-11-25T01:10:00.000Z")
    }

    private func damage(_ path: String, _ how: String) throws {
        let bytes = try fixture.folder.read(path)
        var damaged = bytes
        switch how {
        case "grown": damaged += bytes
        case "cut": damaged.removeLast()
        case "changed": damaged[15] ^= 1
        case "emptied": damaged = []
        default: fixture.folder.remove(path)
        }
        if how == "a folder" { try fixture.folder.write([], to: "\(path)/x") }
        if how != "gone" && how != "a folder" { try fixture.folder.write(damaged, to: path) }
    }

    private func restore(_ path: String, _ bytes: [UInt8]) throws {
        fixture.folder.remove(path)
        try fixture.folder.write(bytes, to: path)
    }

    @Test(arguments: ["grown", "cut", "changed", "emptied", "gone", "a folder"])
    func aDamagedFileBlocksOnlyItsDeliveries(_ how: String) throws {
        let bytes = try fixture.folder.read(Self.path)
        try damage(Self.path, how)
        for _ in 0..<2 {
            let report = try fixture.sweep()
            #expect(report.blocked.map(\.file) == [fixture.folder(Self.path)])
            #expect(report.blocked.map(\.deliveries) == [2] && report.pending == 2)
            #expect(report.total.areConserved)
        }
        #expect(try fixture.entries().count == 2 && fixture.entries(.sandbox) == [])
        #expect(try fixture.events("b", "2026-11-24").count == 1)
        #expect(try fixture.events("a", "2026-11-24", .sandbox).count == 1)
        #expect(try fixture.quarantines("2026-11-25").count == 1)

        try restore(Self.path, bytes)
        let report = try fixture.sweep()
        #expect(report.blocked == [] && report.pending == 0)
        #expect(report.total.archived == 1 && report.total.redelivered == 1)
        #expect(try fixture.events("a", "2026-11-24").count == 2)
        #expect(try fixture.redeliveries("a", "2026-11-25").count == 1)
        #expect(try fixture.findings() == [])
    }

    /// Without the rule for redeliveries, or beyond its window, an equal payload is an event, and another file's.
    @Test(arguments: [0, 3_600_000]) func onlyARedeliveryOfABlockedEventIsBlocked(_ window: Int64) throws {
        var fixture = fixture
        fixture.configuration.redeliveryWindow = window
        try damage(Self.path, "changed")
        let report = try fixture.sweep()
        #expect(report.blocked.map(\.deliveries) == [1] && report.pending == 1)
        #expect(try fixture.events("a", "2026-11-25").count == 1)
    }

    @Test func aFileThatTheIndexDoesNotKnowIsNotReplaced() throws {
        let path = "archive/\(SweepFixture.archivePath("b", "2026-11-24"))"
        try fixture.folder.write("precious".utf8, to: path)
        let report = try fixture.sweep()
        #expect(report.blocked.map(\.file) == [fixture.folder(path)])
        #expect(report.blocked.map(\.cause) == ["no sweep recorded it"])
        #expect(report.total.archived == 2 && report.pending == 1)
        #expect(try fixture.folder.read(path) == Array("precious".utf8))
    }

    @Test func aDamagedLedgerBlocksOnlyItsDeliveries() throws {
        try fixture.sweep()
        try fixture.receive("[", at: "2026-11-25T01:20:00.000Z")
        try fixture.receive(Self.event("b", 1), at: "2026-11-25T01:30:00.000Z", salt: 1)
        let path = "archive/\(SweepFixture.ledgerPath(nil, "2026-11-25"))"
        let bytes = try fixture.folder.read(path)
        try damage(path, "changed")
        let report = try fixture.sweep()
        #expect(report.blocked.map(\.deliveries) == [1] && report.total.redelivered == 1)
        try fixture.folder.write(bytes, to: path)
        #expect(try fixture.counts() == [0, 0, 1])
        #expect(try fixture.findings() == [])
    }

    @Test func aDayWithADamagedFileIsNotSealedAndOthersAre() throws {
        var fixture = try SweepFixture()
        fixture.now = Timestamp("2026-11-24T12:00:00.000Z")!
        try fixture.receive(Self.event("a", 1), at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        let bytes = try fixture.folder.read(Self.path)
        try fixture.folder.write([], to: Self.path)
        try fixture.receive(Self.event("a", 2), at: "2026-11-23T10:00:00.000Z")
        fixture.now = Timestamp("2026-11-25T02:00:00.000Z")!
        var report = try fixture.sweep()
        #expect(report.sealed.map(\.statement.day.description) == ["2026-11-23"])
        #expect(report.blocked.map(\.file) == [fixture.folder(Self.path)] && report.blocked[0].deliveries == 0)
        try fixture.folder.write(bytes, to: Self.path)
        report = try fixture.sweep()
        #expect(report.sealed.map(\.statement.day.description) == ["2026-11-24"] && report.blocked == [])
        #expect(try fixture.findings() == [])
    }

    /// Whichever bit of a ledger is changed, in its lines or around them.
    @Test func aDayWithADamagedLedgerIsNotSealed() throws {
        var original = try SweepFixture()
        original.now = Timestamp("2026-11-24T12:00:00.000Z")!
        try original.receive(Self.event("a", 1), at: "2026-11-24T10:00:00.000Z")
        try original.receive(Self.event("a", 1), at: "2026-11-24T11:00:00.000Z", salt: 1)
        try original.sweep()
        let path = "archive/\(SweepFixture.ledgerPath("a", "2026-11-24"))"
        let bytes = try original.folder.read(path)
        original.now = Timestamp("2026-11-25T02:00:00.000Z")!
        for place in stride(from: 0, to: bytes.count, by: 7) {
            let fixture = try SweepFixture(copyOf: original)
            var changed = bytes
            changed[place] ^= 1
            try fixture.folder.write(changed, to: path)
            let report = try fixture.sweep()
            #expect(report.sealed.isEmpty && report.blocked.map(\.file) == [fixture.folder(path)], "byte \(place)")
            try fixture.folder.write(bytes, to: path)
            #expect(try fixture.sweep().sealed.count == 1, "byte \(place)")
        }
    }

    /// With the index, what was in the file is forgotten. Nothing that may repeat it is archived until it is restored.
    @Test(arguments: ["cut", "changed", "emptied", "gone"])
    func aDamagedFileAndALostIndexBlockOnlyTheBusiness(_ how: String) throws {
        try fixture.receive(Self.event("a", 1), at: "2026-11-25T01:30:00.000Z", salt: 1)
        let untouched = try SweepFixture(copyOf: fixture)
        try untouched.sweep()
        let bytes = try fixture.folder.read(Self.path)
        try damage(Self.path, how)
        fixture.removeIndex()
        // Where only the end of the file is cut, its lines are known all the same.
        let waiting = how == "cut" ? 2 : 3
        for _ in 0..<2 {
            let report = try fixture.sweep()
            #expect(report.blocked.map(\.file) == [fixture.folder(Self.path)])
            #expect(report.blocked.map(\.deliveries) == [waiting] && report.pending == waiting)
        }
        #expect(try fixture.events("b", "2026-11-24").count == 1)
        #expect(try fixture.events("a", "2026-11-24", .sandbox).count == 1)
        #expect(try fixture.quarantines("2026-11-25").count == 1)

        try restore(Self.path, bytes)
        let report = try fixture.sweep()
        #expect(report.rebuiltIndex && report.blocked == [] && report.pending == 0)
        #expect(report.total.archived == 1 && report.total.redelivered == waiting - 1)
        #expect(try fixture.files == untouched.files)
        #expect(try fixture.findings() == [])
    }

    /// The next seal needs only the hash of a damaged one, which the index has.
    @Test func aDamagedSealIsNeitherSignedNorInTheWay() throws {
        try fixture.sweep()
        var fixture = fixture
        let path = "archive/environment=production/_seals/2026-11-24.sha256"
        let bytes = try fixture.folder.read(path)
        try damage(path, "changed")
        let key = fixture.folder("key")
        _ = try run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
        fixture.configuration.signKey = key
        fixture.now = Timestamp("2026-11-26T02:00:00.000Z")!
        let report = try fixture.sweep()
        #expect(report.sealed.map(\.statement.day.description) == ["2026-11-25"])
        #expect(report.blocked.map(\.file) == [fixture.folder(path)])
        #expect(!FileManager.default.fileExists(atPath: fixture.folder("\(path).sig")))
        try fixture.folder.write(bytes, to: path)
        #expect(try fixture.sweep().blocked == [])
        #expect(FileManager.default.fileExists(atPath: fixture.folder("\(path).sig")))
        #expect(try fixture.findings() == [])
    }

    /// A seal that is lost with the index: the first of its chain, the last, or both. The day must not be sealed as if it
    /// never had been.
    @Test(arguments: [["24"], ["25"], ["24", "25"]]) func aLostSealIsMadeAgainFromItsStatement(_ days: [String]) throws
    {
        try fixture.sweep()
        var fixture = fixture
        fixture.now = Timestamp("2026-11-26T02:00:00.000Z")!
        try fixture.sweep()
        let seals = try Tree(fixture.folder, "archive/environment=production/_seals")
        for day in days { fixture.folder.remove("archive/environment=production/_seals/2026-11-\(day).sha256") }
        fixture.removeIndex()
        let report = try fixture.sweep()
        #expect(report.sealed.isEmpty && report.blocked.isEmpty, "\(report.blocked)")
        #expect(try Tree(fixture.folder, "archive/environment=production/_seals") == seals)
        #expect(try fixture.findings() == [])
    }

    /// Without its statement, the seal in the middle of a chain is known by the next one alone.
    @Test func aDayWhoseSealIsLostIsNotSealedAgain() throws {
        try fixture.sweep()
        var fixture = fixture
        fixture.now = Timestamp("2026-11-26T02:00:00.000Z")!
        try fixture.sweep()
        let seals = try Tree(fixture.folder, "archive/environment=production/_seals")
        let copy = try TemporaryDirectory(inMemory: true)
        try copy.copy("archive", of: fixture.folder)
        for suffix in ["sha256", "json"] {
            fixture.folder.remove("archive/environment=production/_seals/2026-11-24.\(suffix)")
        }
        fixture.removeIndex()
        try fixture.folder.write("precious".utf8, to: "archive/\(SweepFixture.archivePath("c", "2026-11-25"))")
        try fixture.receive(Self.event("c", 1), at: "2026-11-25T12:00:00.000Z")
        let report = try fixture.sweep()
        #expect(report.sealed.isEmpty && report.blocked.count == 2, "\(report.blocked)")
        #expect(report.pending == 1)
        fixture.folder.remove("archive/\(SweepFixture.archivePath("c", "2026-11-25"))")
        let files = try Repair(fixture.folder("archive"), from: [copy("archive")], acts: true).run()
        #expect(files.map(\.outcome) == [.restored, .restored])
        #expect(try Tree(fixture.folder, "archive/environment=production/_seals") == seals)
        #expect(try fixture.sweep().blocked == [])
        #expect(try fixture.entries() == [] && fixture.findings() == [])
    }

    @Test(arguments: [0, 4096]) func aDamagedIndexIsRebuilt(_ kept: Int) throws {
        let whole = try fixture.folder.read("archive/_index.sqlite")
        let bytes = whole.prefix(kept) + [UInt8](repeating: 0xaa, count: whole.count - kept)
        let untouched = try SweepFixture(copyOf: fixture)
        try untouched.sweep()
        fixture.removeIndex()
        try fixture.folder.write(bytes, to: "archive/_index.sqlite")
        let report = try fixture.sweep()
        #expect(report.rebuiltIndex && report.total.archived == 3)
        #expect(try fixture.dumpIndex() == untouched.dumpIndex())
        #expect(try fixture.findings() == [])
    }
}
