import Archive
import ArchiveIndex
import Batch
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// Erased lines become tombstones. Everything else stays provable against the seals from before.
@Suite struct ErasureTests {
    private let fixture: SweepFixture
    private let ids: [DeliveryID]
    private static let file = SweepFixture.archivePath("acme", "2026-11-22")

    init() throws {
        var fixture = try SweepFixture()
        fixture.configuration.idHeader = "webhook-id"
        var ids: [DeliveryID] = []
        for day in 22...24 {
            for number in 0..<4 {
                ids.append(
                    try fixture.receive(
                        Self.payload("acme", day * 10 + number), at: "2026-11-\(day)T10:00:0\(number).000Z",
                        headers: #"{"webhook-id":"\#(day)-\#(number)"}"#))
            }
            try fixture.receive(Self.payload("beta", day), at: "2026-11-\(day)T11:00:00.000Z")
        }
        // The same event with other bytes, on the next day.
        try fixture.receive(
            Self.payload("acme", 9000), at: "2026-11-23T12:00:00.000Z", headers: #"{"webhook-id":"22-1"}"#)
        // Something that cannot become an event.
        ids.append(try fixture.receive("no event", at: "2026-11-24T13:00:00.000Z"))
        try fixture.sweep()
        self.fixture = fixture
        self.ids = ids
    }

    private static func payload(_ business: String, _ number: Int) -> String {
        #"{"event":"INVOICE_CREATED","data":{"business_id":"\#(business)","iban":"DE\#(number)"}}"#
    }

    private func hash(ofFirst count: Int, of lines: [String]) -> ContentHash {
        let hashes = lines.prefix(count).map { line in
            let wanted = try? EventTombstone(Array(line.utf8))?.tombstone.lineHash
            return "\((wanted ?? nil) ?? ContentHash(of: Array(line.utf8)))\n"
        }
        return ContentHash(of: Array(hashes.joined().utf8))
    }

    @Test func everyOtherLineIsProvenByTheOriginalSeals() throws {
        let before = try fixture.lines(Self.file)
        let seals = try Tree(fixture.folder, "archive/environment=production/_seals") { _ in false }.files
        let erased = [ids[1], ids[2], ids[5], ids[11]]
        let report = try fixture.erase(.events(erased, nil))
        #expect(report.record == 2)
        #expect(
            (report.events, report.redeliveries, report.files, report.days, report.before) == (4, 1, 4, 3, 0))
        #expect(try fixture.findings() == [])
        let text = try fixture.allText()
        for number in [221, 222, 231, 243, 9000] { #expect(!text.contains("DE\(number)\"")) }
        for number in [220, 223, 230, 232, 233, 240, 241, 242, 22, 23, 24] { #expect(text.contains("DE\(number)\"")) }

        let after = try fixture.lines(Self.file)
        #expect(after.count == 4 && after[0] == before[0] && after[3] == before[3])
        for line in [1, 2] {
            let gone = try #require(try EventTombstone(Array(after[line].utf8)))
            let event = try EventLine(Array(before[line].utf8))
            #expect(gone == EventTombstone(of: event, gone.tombstone))
            #expect(
                gone.tombstone
                    == Tombstone(lineHash: ContentHash(of: Array(before[line].utf8)), gone: .erased, record: 2))
        }
        // The original seals are as they were, and have the hash of the lines that are there now.
        let now = try Tree(fixture.folder, "archive/environment=production/_seals") { _ in false }.files
        for (path, bytes) in seals { #expect(now[path] == bytes) }
        #expect(Set(now.keys).subtracting(seals.keys).count { $0.hasSuffix(".r2.sha256") } == 3)
        let archive = try fixture.archive
        let seal = try archive.seal(.production, "_seals/2026-11-22.sha256")
        let leaf = try #require(try archive.leaf(of: .named("acme"), in: seal))
        #expect(leaf.statement.archive?.linesSHA256 == hash(ofFirst: 4, of: after))
        #expect(try fixture.differencesAfterRebuild() == [])
        #expect(try fixture.findings() == [])
    }

    /// An erased event stays known, in its day's file and for later deliveries.
    @Test func aLaterDeliveryOfAnErasedEventIsARedelivery() throws {
        var fixture = fixture
        try fixture.erase(.events([ids[0]], .production))
        try fixture.receive(
            Self.payload("acme", 220), at: "2026-11-25T10:00:00.000Z", headers: #"{"webhook-id":"22-0"}"#)
        try fixture.receive(Self.payload("acme", 77), at: "2026-11-22T23:00:00.000Z")
        fixture.now = Timestamp("2026-11-26T02:00:00.000Z")!
        #expect(try fixture.counts() == [1, 1, 0])
        #expect(try fixture.redeliveries("acme", "2026-11-25").map(\.of) == [ids[0]])
        #expect(try fixture.lines(Self.file).count == 5)
        #expect(try fixture.findings() == [])
        #expect(try fixture.differencesAfterRebuild() == [])
        // What was appended after an erasure can be erased, too.
        let report = try fixture.erase(.business(Selection(business: .named("acme"), to: CivilDate("2026-11-22"))))
        #expect((report.events, report.redeliveries, report.before) == (4, 1, 1))
        #expect(try fixture.findings() == [])
        #expect(try fixture.differencesAfterRebuild() == [])
    }

    @Test func aBusinessIsErasedAndNoOther() throws {
        let beta = try fixture.events("beta", "2026-11-23")
        let report = try fixture.erase(.business(Selection(business: .named("acme"))))
        #expect((report.events, report.redeliveries, report.files, report.days) == (12, 1, 4, 3))
        let text = try fixture.allText()
        #expect(!text.contains("DE2") || text.components(separatedBy: "DE2").count == 4)
        #expect(try fixture.events("beta", "2026-11-23") == beta)
        #expect(try fixture.findings() == [])
        #expect(throws: BatchError.self) { try fixture.erase(.business(Selection(business: .named("acme")))) }
    }

    @Test func aDryRunChangesNothing() throws {
        let before = try Tree(fixture.folder, "archive") { $0.hasPrefix("_index.sqlite-") || $0 == "_sweep.lock" }.files
        let report = try fixture.erase(.events([ids[1]], nil), acts: false)
        #expect(report.record == nil && report.events == 1 && report.redeliveries == 1)
        #expect(
            try Tree(fixture.folder, "archive") { $0.hasPrefix("_index.sqlite-") || $0 == "_sweep.lock" }.files
                == before)
    }

    @Test func whatCannotBeErasedIsNamedAndNothingChanges() throws {
        try fixture.erase(.events([ids[3]], nil))
        let again = try #require(try fixture.redeliveries("acme", "2026-11-23").first)
        let unknown = DeliveryID(nanoseconds: 1, random: 2)
        func message(_ id: DeliveryID) -> String {
            do {
                try fixture.erase(.events([ids[0], id], nil))
                return "erased"
            } catch { return "\(error)" }
        }
        #expect(message(unknown).contains("no event with this id; if the delivery is still in the spool, sweep first"))
        #expect(message(again.id).contains("it is a redelivery; erase its event, \(ids[1])"))
        #expect(message(ids[12]).contains("it is in quarantine; discard it with"))
        #expect(throws: BatchError.self) { try fixture.erase(.events([ids[3]], nil)) }
        let hold = try fixture.hold(Selection(business: .named("acme"), from: CivilDate("2026-11-24")))
        #expect(throws: BatchError.self) { try fixture.erase(.business(Selection(business: .named("acme")))) }
        #expect(message(ids[9]).contains("hold \(hold) covers"))
        try fixture.releaseHold(hold)
        #expect(try fixture.lines(Self.file).count { $0.contains("\"gone\"") } == 1)
        #expect(try fixture.findings() == [])
    }

    /// The bytes that are written again are compared with what was recorded first.
    @Test func aDamagedFileIsNotRewritten() throws {
        let path = "archive/\(SweepFixture.archivePath("acme", "2026-11-23"))"
        var bytes = try fixture.folder.read(path)
        bytes[60] ^= 1
        try fixture.folder.write(bytes, to: path)
        #expect(throws: ArchiveError.self) { try fixture.erase(.events([ids[0], ids[4]], nil)) }
        #expect(try fixture.lines(Self.file).allSatisfy { !$0.contains("gone") })
        #expect(try fixture.folder.read(path) == bytes)
        try fixture.erase(.events([ids[0]], nil))
    }

    struct Killed: Error {}

    /// An erasure that is killed is either made or not. The next sweep completes it, or it can be made again.
    @Test(arguments: [false, true]) func killedAtAnyPoint(isIndexLost: Bool) throws {
        let undisturbed = try SweepFixture(copyOf: fixture)
        var points: [Sweep.Point] = []
        try undisturbed.erase(.events([ids[0], ids[1], ids[6]], nil)) { points.append($0) }
        try undisturbed.sweep()
        let wanted = try EventfulNight.Outcome(of: undisturbed)
        for point in points.indices {
            let fixture = try SweepFixture(copyOf: fixture)
            var seen = 0
            #expect(throws: Killed.self) {
                try fixture.erase(.events([ids[0], ids[1], ids[6]], nil)) { _ in
                    seen += 1
                    if seen > point { throw Killed() }
                }
            }
            if isIndexLost { fixture.removeIndex() }
            try fixture.sweep()
            #expect(try fixture.findings() == [], "at \(points[point])")
            if try fixture.lines(Self.file).allSatisfy({ !$0.contains("gone") }) {
                try fixture.erase(.events([ids[0], ids[1], ids[6]], nil))
                try fixture.sweep()
            }
            #expect(try EventfulNight.Outcome(of: fixture).differences(from: wanted) == [], "at \(points[point])")
        }
    }

    /// A file that was rewritten is restored like any other, and so are the records of who decided.
    @Test func whatWasRewrittenIsRepaired() throws {
        try fixture.erase(.events([ids[1], ids[5]], nil))
        let hold = try fixture.hold(Selection(business: .named("beta")))
        try fixture.releaseHold(hold)
        let whole = try Tree(fixture.folder, "archive") { $0.hasPrefix("_index.sqlite") || $0 == "_sweep.lock" }.files
        try FileManager.default.copyItem(atPath: fixture.folder("archive"), toPath: fixture.folder("copy"))
        let damages: [(paths: [String], copies: [String])] = [
            ([Self.file], ["copy"]), (["_sweeps/2.ndjson.gz"], []), (["_sweeps/3.ndjson.gz"], []),
            (["_sweeps/4.ndjson.gz"], []), (["_sweeps/1.ndjson.gz"], []),
            ([Self.file, "_sweeps/2.ndjson.gz"], ["copy"]),
            (["environment=production/_seals/2026-11-22.leaves.tar.gz"], ["copy"]),
            (["environment=production/_seals/2026-11-22.r2.leaves.tar.gz"], []),
        ]
        for damage in damages {
            for path in damage.paths { fixture.folder.remove("archive/\(path)") }
            let files = try Repair(
                fixture.configuration.archive, from: damage.copies.map { fixture.folder($0) }, acts: true
            ).run()
            #expect(files.map(\.path).sorted() == damage.paths.sorted() && files.allSatisfy { $0.outcome == .restored })
            let found = try Tree(fixture.folder, "archive") {
                $0.hasPrefix("_index.sqlite") || $0 == "_sweep.lock"
            }.files
            #expect(found == whole, "\(damage.paths)")
        }
        #expect(try fixture.findings() == [])
    }
}
