import Archive
import ArchiveIndex
import Batch
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// What no copy has is recorded as lost; whole blocks stay, and everything else is restored.
@Suite struct SalvageTests {
    private var fixture: SweepFixture
    private let ids: [DeliveryID]
    private static let file = SweepFixture.archivePath("acme", "2026-11-24")
    private static let ledger = SweepFixture.ledgerPath("acme", "2026-11-24")
    private static let quarantine = SweepFixture.ledgerPath(nil, "2026-11-24")

    init() throws {
        var fixture = try SweepFixture()
        fixture.configuration.idHeader = "webhook-id"
        // About two events fit into a block.
        let ids = try (0..<7).map { number in
            try fixture.receive(
                Self.payload(number), at: "2026-11-24T10:00:0\(number).000Z", headers: #"{"webhook-id":"\#(number)"}"#)
        }
        try fixture.receive(Self.payload(90), at: "2026-11-24T11:00:00.000Z", headers: #"{"webhook-id":"0"}"#)
        try fixture.receive(Self.payload(1), at: "2026-11-24T11:00:01.000Z", headers: #"{"webhook-id":"1"}"#)
        try fixture.receive("odd", at: "2026-11-24T12:00:00.000Z")
        let odd = try fixture.receive("odder", at: "2026-11-24T12:00:01.000Z")
        try fixture.sweep()
        try fixture.decide(.discard, odd)
        try fixture.sweep()
        self.fixture = fixture
        self.ids = ids
    }

    private static func payload(_ number: Int) -> String {
        let text = String(repeating: "n\(number) ", count: 30_000)
        return #"{"event":"INVOICE_CREATED","data":{"business_id":"acme","n":\#(number),"text":"\#(text)"}}"#
    }

    private func salvage(acts: Bool = true) throws -> [RepairedFile] {
        try Repair(
            fixture.configuration.archive, from: [], acts: acts,
            salvager: Decider(name: "ada", reason: "the disk died", at: fixture.now)
        ).run()
    }

    private func damage(_ path: String, at offset: Int) throws {
        var bytes = try fixture.folder.read("archive/\(path)")
        bytes[offset] ^= 0xff
        try fixture.folder.write(bytes, to: "archive/\(path)")
    }

    /// Only the lines of the damaged block are lost, and they stay known.
    @Test func wholeBlocksStay() throws {
        let before = try fixture.events("acme", "2026-11-24")
        let blocks = try IndexDatabase.open(forReadingIn: fixture.archive).read { snapshot in
            try snapshot.blocks(of: snapshot.files(.archives)[0])
        }
        try #require(blocks.count > 2)
        try damage(Self.file, at: blocks[1].offset + 20)
        #expect(try salvage(acts: false).map(\.outcome) == [.salvageable])
        #expect(try salvage().map(\.outcome) == [.salvaged])
        #expect(try fixture.findings() == [])
        let lost = Set(blocks[1].lines)
        for (number, line) in try fixture.lines(Self.file).enumerated() {
            let gone = try EventTombstone(Array(line.utf8))
            if lost.contains(number) {
                let tombstone = try #require(gone)
                #expect(tombstone.tombstone == Tombstone(lineHash: nil, gone: .lost, record: 3))
                #expect(tombstone == EventTombstone(of: before[number], tombstone.tombstone))
            } else {
                #expect(try EventLine(Array(line.utf8)) == before[number])
            }
        }
        #expect(try fixture.differencesAfterRebuild() == [])
        #expect(try fixture.archive.sealPaths(.production).contains("_seals/2026-11-24.r3.sha256"))

        // A lost event is recognised, and the file can be appended to.
        let number = try #require(lost.first)
        try fixture.receive(
            Self.payload(number), at: "2026-11-24T20:00:00.000Z", headers: #"{"webhook-id":"\#(number)"}"#)
        try fixture.receive(Self.payload(50), at: "2026-11-24T20:00:01.000Z", headers: #"{"webhook-id":"50"}"#)
        #expect(try fixture.counts() == [1, 1, 0])
        #expect(try fixture.findings() == [])
        #expect(try fixture.differencesAfterRebuild() == [])
    }

    @Test func severalFilesAreSalvagedByOneRecord() throws {
        let ledger = try fixture.ledger("acme", "2026-11-24")
        let quarantine = try fixture.lines(Self.quarantine)
        fixture.folder.remove("archive/\(Self.file)", "archive/\(Self.ledger)", "archive/\(Self.quarantine)")
        fixture.folder.remove("archive/environment=production/_seals/2026-11-24.json")
        let files = try salvage()
        #expect(files.filter { $0.outcome == .salvaged }.count == 3 && !files.contains { $0.outcome == .lost })
        #expect(try fixture.findings() == [])
        #expect(try fixture.archive.recordedSweeps() == [1, 2, 3])
        #expect(try fixture.lines(Self.file).allSatisfy { $0.contains("\"gone\":\"lost\"") })
        // The index has all of a ledger but the payload that differed.
        #expect(try fixture.lines(Self.quarantine) == quarantine)
        let after = try fixture.ledger("acme", "2026-11-24")
        #expect(after.count == 2 && after[1] == ledger[1])
        guard case .redelivery(let it) = after[0] else { throw CancellationError() }
        #expect(it.tombstone?.gone == .lost && it.differing == nil && it.of == ids[0])
        #expect(try fixture.differencesAfterRebuild() == [])
    }

    /// Without the index, nobody knows what was lost.
    @Test func nothingIsSalvagedWithoutAnIndex() throws {
        try damage(Self.file, at: 60)
        fixture.removeIndex()
        #expect(throws: ArchiveError.self) { try salvage() }
        try fixture.sweep()
        #expect(throws: ArchiveError.self) { try salvage() }
        #expect(try fixture.archive.recordedSweeps() == [1, 2])
    }

    @Test func whatIsWholeIsNotTouched() throws {
        let before = try Tree(fixture.folder, "archive") { $0.hasPrefix("_index.sqlite") || $0 == "_sweep.lock" }
        #expect(try salvage() == [])
        let after = try Tree(fixture.folder, "archive") { $0.hasPrefix("_index.sqlite") || $0 == "_sweep.lock" }
        #expect(after == before)
    }
}
