import Archive
import ArchiveIndex
import Batch
import Spool
import SweepSupport
import TestSupport
import Testing
import Webhooks

@Suite struct QuarantineTests {
    var fixture: SweepFixture

    init() throws { fixture = try SweepFixture() }

    /// A delivery that cannot become an event: its bytes, how the reason begins, and the offset of the cause.
    struct BrokenDelivery: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var reason: String
        var at: Int?
        var headers: String?

        init(_ text: String, _ reason: String, at: Int?, headers: String? = nil) {
            self.init(Array(text.utf8), reason, at: at, headers: headers)
        }

        init(_ bytes: [UInt8], _ reason: String, at: Int?, headers: String? = nil) {
            (self.bytes, self.reason, self.at, self.headers) = (bytes, reason, at, headers)
        }

        var testDescription: String { reason }
    }

    static let corpus = [
        BrokenDelivery("", "empty: ", at: 0), BrokenDelivery(" \n", "empty: ", at: 2),
        BrokenDelivery("\u{feff}{\"event\":\"X\"}", "byte-order-mark: ", at: 0),
        BrokenDelivery(Array(#"{"event":"caf"#.utf8) + [0xe9] + Array(#""}"#.utf8), "not-utf8: ", at: 13),
        BrokenDelivery(#"{"event":"X","data":"#, "syntax: ", at: 20),
        BrokenDelivery("event=X&data=1", "syntax: ", at: 0),
        BrokenDelivery(#"{"event":"X","event":"Y"}"#, "duplicate-name: ", at: 13),
        BrokenDelivery(#"{"event":"X","data":"\ud800"}"#, "lone-surrogate: ", at: 21),
        BrokenDelivery(String(repeating: "[", count: 100_000), "too-deep: ", at: 512),
        BrokenDelivery(#"[{"event":"X"}]"#, "not-an-object: ", at: 0),
        BrokenDelivery(#"{"data":{}}"#, "no-event: ", at: 0),
        BrokenDelivery(#"{"event":null}"#, "event-not-a-string: ", at: 9),
        BrokenDelivery(#"{"event":""}"#, "event-empty: ", at: 9),
        BrokenDelivery(#"{"event":"a\u0000b"}"#, "event-forbidden-character: ", at: 9),
        BrokenDelivery(
            [UInt8](repeating: 0x20, count: EnvironmentSpool.payloadLimit) + Array(#"{"event":"X"}"#.utf8),
            "too-large: ",
            at: nil),
        BrokenDelivery(#"{"event":"X"}"#, "bad-headers: ", at: nil, headers: "{"),
        BrokenDelivery(#"{"event":"X"}"#, "bad-headers: ", at: nil, headers: #"{"a":1}"#),
        BrokenDelivery(#"{"event":"X"}"#, "bad-headers: ", at: nil, headers: #"{"a":"1","a":"2"}"#),
    ]

    @Test(arguments: corpus) func itIsQuarantinedUnchangedWithReasonAndOffset(_ delivery: BrokenDelivery) throws {
        let id = try fixture.receive(delivery.bytes, at: "2026-11-24T10:00:00.000Z", headers: delivery.headers)
        #expect(try fixture.counts() == [0, 0, 1])
        #expect(try fixture.entries() == [])
        let names = ["\(id).json", "\(id).reason"] + (delivery.headers == nil ? [] : ["\(id).headers.json"])
        #expect(try fixture.entries(.production, "quarantine") == names.sorted())
        #expect(try fixture.folder.read("spool/production/quarantine/\(id).json") == delivery.bytes)
        let line = try fixture.quarantines("2026-11-24")[0]
        #expect(line.reason.hasPrefix(delivery.reason) && line.at == delivery.at, "\(line.reason), at \(line.at ?? -1)")
        #expect(line.id == id && line.size == delivery.bytes.count && line.hash == ContentHash(of: delivery.bytes))
        let note = try fixture.folder.read("spool/production/quarantine/\(id).reason")
        #expect(
            try run("jq", ["-r", ".id, .reason, .sha256"], input: note).text == "\(id)\n\(line.reason)\n\(line.hash)\n")
        #expect(try fixture.findings() == [])
        // The next sweep finds nothing.
        #expect(try fixture.counts() == [0, 0, 0])
    }

    @Test(arguments: [
        #"{"event":"X","data":\#(String(repeating: "[", count: 200))\#(String(repeating: "]", count: 200))}"#,
        #"{"event":"X","n":9007199254740993,"m":1e400}"#, #"{"event":"X","data":null}"#, #"{"event":"X","data":[]}"#,
        #"{"event":"X"}"#, #"{"event":"SOMETHING_NEW","data":{}}"#, #"{"event":"X","a":"\ud83d\ude00\u0000"}"#,
    ])
    func unusualPayloadsAreArchived(_ body: String) throws {
        try fixture.receive(body, at: "2026-11-24T10:00:00.000Z")
        #expect(try fixture.counts() == [1, 0, 0])
        #expect(try fixture.events(nil, "2026-11-24")[0].payload == Array(body.utf8))
        #expect(try fixture.findings() == [])
    }

    @Test func equalBrokenPayloadsAreAllQuarantined() throws {
        for minute in 10...12 { try fixture.receive("{", at: "2026-11-24T10:\(minute):00.000Z") }
        #expect(try fixture.counts() == [0, 0, 3])
        #expect(try fixture.findings() == [])
    }

    @Test func anIdThatIsReusedForOtherBytesIsQuarantined() throws {
        let id = try fixture.receive(#"{"event":"X","data":1}"#, at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        for _ in 0..<2 {
            try fixture.folder.write(#"{"event":"X","data":2}"#.utf8, to: "spool/production/new/\(id).json")
            try fixture.sweep()
        }
        let lines = try fixture.quarantines("2026-11-24")
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(line.reason.hasPrefix("id-reused: ") && line.reason.contains("\(id)"))
        #expect(line.id != id && line.id.version == 8)
        #expect(try fixture.entries(.production, "quarantine") == ["\(line.id).json", "\(line.id).reason"])
        #expect(try fixture.entries() == [])
        #expect(try fixture.findings() == [])
    }

    /// A delivery whose id belongs to another one, in quarantine.
    private func reuseID() throws -> (id: DeliveryID, quarantined: DeliveryID) {
        let id = try fixture.receive(#"{"event":"X","data":1}"#, at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        try fixture.folder.write(#"{"event":"X","data":2}"#.utf8, to: "spool/production/new/\(id).json")
        try fixture.sweep()
        return (id, try #require(try fixture.quarantines("2026-11-24").first).id)
    }

    @Test func releasingAReusedIDReportsThatItWillBeQuarantinedAgain() throws {
        let (_, quarantined) = try reuseID()
        #expect(try fixture.decide(.release, quarantined).reusedIDs == [quarantined])
        #expect(try fixture.counts() == [0, 0, 1])
        // Other reasons are not reported.
        let broken = try fixture.receive("{", at: "2026-11-24T11:00:00.000Z")
        try fixture.sweep()
        #expect(try fixture.decide(.release, broken).reusedIDs == [])
    }

    @Test func aReusedIDIsReleasedWithANewOne() throws {
        let (id, quarantined) = try reuseID()
        #expect(try fixture.decide(.release, quarantined, givesNewIDs: true).reusedIDs == [])
        #expect(try fixture.counts() == [1, 0, 0])
        let events = try fixture.events(nil, "2026-11-24")
        #expect(events.map { String(decoding: $0.payload, as: UTF8.self).suffix(2) } == ["1}", "2}"])
        #expect(events[0].id == id && events[1].id != id && events[1].id != quarantined)
        #expect(events[1].id.version == 7 && events[1].time.description == "2026-11-24T10:00:00.000Z")
        #expect(try fixture.entries(.production, "quarantine") == [])
        #expect(try fixture.findings() == [])
    }

    // MARK: - Decisions

    @Test func aReleasedDeliveryKeepsItsIdTimeAndDay() throws {
        var fixture = fixture
        let payload = #"{"event":"X","data":{"business_id":"a"}}"#
        let id = try fixture.receive(payload, at: "2026-11-24T10:00:00.000Z", headers: "{")
        try fixture.sweep()
        fixture.now = Timestamp("2027-01-01T02:00:00.000Z")!
        try fixture.folder.write("{}".utf8, to: "spool/production/quarantine/\(id).headers.json")
        try fixture.decide(.release, id)
        #expect(try fixture.entries().sorted() == ["\(id).headers.json", "\(id).json"])
        #expect(try fixture.entries(.production, "quarantine") == [])
        #expect(try fixture.counts() == [1, 0, 0])
        let event = try fixture.events("a", "2026-11-24")[0]
        #expect(event.id == id && event.time.description == "2026-11-24T10:00:00.000Z")
        // It counts as received twice, since it was scanned twice; the day is sealed again.
        #expect(try fixture.archive.seals(.production).map(\.statement.counts.received) == [1, 2])
        #expect(try fixture.findings() == [])
        #expect(throws: BatchError.self) { try fixture.decide(.release, id) }
    }

    @Test func aDeliveryThatIsStillBrokenIsQuarantinedAgain() throws {
        let id = try fixture.receive("{", at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        for round in 1...2 {
            try fixture.decide(.release, id)
            #expect(try fixture.counts() == [0, 0, 1], "\(round)")
        }
        let held = try IndexDatabase.open(forReadingIn: fixture.archive).read { try $0.quarantine(id) }
        #expect(held.map(\.state) == [.released, .released, .held])
        #expect(try fixture.entries(.production, "quarantine").count == 2)
        #expect(try fixture.findings() == [])
    }

    @Test func aReleaseWaitsUntilItsNameIsFree() throws {
        let payload = #"{"event":"X","data":1}"#
        let id = try fixture.receive(payload, at: "2026-11-24T10:00:00.000Z", headers: "{")
        try fixture.sweep()
        try fixture.folder.write("{}".utf8, to: "spool/production/quarantine/\(id).headers.json")
        try fixture.folder.write("other".utf8, to: "spool/production/new/\(id).json")
        let error = #expect(throws: SpoolError.self) { try fixture.decide(.release, id) }
        #expect(error?.description.contains("sweep first, then release again") == true)
        // The decision is in the ledger. This sweep takes the file that has the name, and the next one the released delivery.
        #expect(try fixture.counts() == [0, 0, 1])
        #expect(try fixture.counts() == [1, 0, 0])
        #expect(try fixture.events(nil, "2026-11-24").map(\.id) == [id])
        #expect(try fixture.findings() == [])
    }

    @Test func aDiscardedDeliveryIsGoneAndStaysGone() throws {
        let id = try fixture.receive("{", at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        try fixture.decide(.discard, id)
        #expect(try fixture.entries(.production, "quarantine") == [])
        #expect(throws: BatchError.self) { try fixture.decide(.release, id) }
        #expect(throws: BatchError.self) { try fixture.decide(.discard, id, DeliveryID(hash: ContentHash(of: []))) }
        try fixture.sweep()
        #expect(try fixture.archive.seals(.production).last?.statement.counts.discarded == 1)
        #expect(try fixture.findings() == [])
    }
}
