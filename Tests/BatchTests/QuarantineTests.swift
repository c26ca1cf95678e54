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

    /// A delivery that cannot become an event: its bytes, how its reason begins, and where its cause is.
    struct Unfit: Sendable, CustomTestStringConvertible {
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
        Unfit("", "empty: ", at: 0), Unfit(" \n", "empty: ", at: 2),
        Unfit("\u{feff}{\"event\":\"X\"}", "byte-order-mark: ", at: 0),
        Unfit(Array(#"{"event":"caf"#.utf8) + [0xe9] + Array(#""}"#.utf8), "not-utf8: ", at: 13),
        Unfit(#"{"event":"X","data":"#, "syntax: ", at: 20), Unfit("event=X&data=1", "syntax: ", at: 0),
        Unfit(#"{"event":"X","event":"Y"}"#, "duplicate-name: ", at: 13),
        Unfit(#"{"event":"X","data":"\ud800"}"#, "lone-surrogate: ", at: 21),
        Unfit(String(repeating: "[", count: 100_000), "too-deep: ", at: 512),
        Unfit(#"[{"event":"X"}]"#, "not-an-object: ", at: 0), Unfit(#"{"data":{}}"#, "no-event: ", at: 0),
        Unfit(#"{"event":null}"#, "event-not-a-string: ", at: 9), Unfit(#"{"event":""}"#, "event-empty: ", at: 9),
        Unfit(#"{"event":"a\u0000b"}"#, "event-forbidden-character: ", at: 9),
        Unfit(
            [UInt8](repeating: 0x20, count: EnvironmentSpool.payloadLimit) + Array(#"{"event":"X"}"#.utf8),
            "too-large: ",
            at: nil),
        Unfit(#"{"event":"X"}"#, "bad-headers: ", at: nil, headers: "{"),
        Unfit(#"{"event":"X"}"#, "bad-headers: ", at: nil, headers: #"{"a":1}"#),
        Unfit(#"{"event":"X"}"#, "bad-headers: ", at: nil, headers: #"{"a":"1","a":"2"}"#),
    ]

    @Test(arguments: corpus) func itIsSetAsideUntouchedWithPlaceAndCause(_ unfit: Unfit) throws {
        let id = try fixture.receive(unfit.bytes, at: "2026-11-24T10:00:00.000Z", headers: unfit.headers)
        #expect(try fixture.counts() == [0, 0, 1])
        #expect(try fixture.entries() == [])
        let names = ["\(id).json", "\(id).reason"] + (unfit.headers == nil ? [] : ["\(id).headers.json"])
        #expect(try fixture.entries(.production, "quarantine") == names.sorted())
        #expect(try fixture.folder.read("spool/production/quarantine/\(id).json") == unfit.bytes)
        let line = try fixture.quarantines("2026-11-24")[0]
        #expect(line.reason.hasPrefix(unfit.reason) && line.at == unfit.at, "\(line.reason), at \(line.at ?? -1)")
        #expect(line.id == id && line.size == unfit.bytes.count && line.hash == ContentHash(of: unfit.bytes))
        let note = try fixture.folder.read("spool/production/quarantine/\(id).reason")
        #expect(
            try run("jq", ["-r", ".id, .reason, .sha256"], input: note).text == "\(id)\n\(line.reason)\n\(line.hash)\n")
        #expect(try fixture.findings() == [])
        // Nothing comes of it a second time.
        #expect(try fixture.counts() == [0, 0, 0])
    }

    @Test(arguments: [
        #"{"event":"X","data":\#(String(repeating: "[", count: 200))\#(String(repeating: "]", count: 200))}"#,
        #"{"event":"X","n":9007199254740993,"m":1e400}"#, #"{"event":"X","data":null}"#, #"{"event":"X","data":[]}"#,
        #"{"event":"X"}"#, #"{"event":"SOMETHING_NEW","data":{}}"#, #"{"event":"X","a":"\ud83d\ude00\u0000"}"#,
    ])
    func whatIsOnlyOddIsArchived(_ body: String) throws {
        try fixture.receive(body, at: "2026-11-24T10:00:00.000Z")
        #expect(try fixture.counts() == [1, 0, 0])
        #expect(try fixture.events(nil, "2026-11-24")[0].payload == Array(body.utf8))
        #expect(try fixture.findings() == [])
    }

    @Test func brokenBodiesThatAreEqualAreSetAsideEach() throws {
        for minute in 10...12 { try fixture.receive("{", at: "2026-11-24T10:\(minute):00.000Z") }
        #expect(try fixture.counts() == [0, 0, 3])
        #expect(try fixture.findings() == [])
    }

    @Test func anIdThatIsUsedAgainForOtherBytesIsSetAside() throws {
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

    // MARK: - What a person decides

    @Test func whatIsReleasedIsSweptWithItsIdTimeAndDay() throws {
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
        // Received twice, since it was scanned twice; sealed anew.
        #expect(try fixture.archive.seals(.production).map(\.statement.counts.received) == [1, 2])
        #expect(try fixture.findings() == [])
        #expect(throws: BatchError.self) { try fixture.decide(.release, id) }
    }

    @Test func whatIsStillBrokenIsSetAsideAgain() throws {
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
        // The decision stands in the ledger; the sweep takes what has the name, and the next what was released.
        #expect(try fixture.counts() == [0, 0, 1])
        #expect(try fixture.counts() == [1, 0, 0])
        #expect(try fixture.events(nil, "2026-11-24").map(\.id) == [id])
        #expect(try fixture.findings() == [])
    }

    @Test func whatIsDiscardedIsGoneAndStaysGone() throws {
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
