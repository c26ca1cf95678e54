import Archive
import Batch
import SweepSupport
import TestSupport
import Testing
import Webhooks

@Suite struct RedeliveryTests {
    var fixture: SweepFixture

    init() throws { fixture = try SweepFixture() }

    private let payload = #"{"event":"SUBSCRIPTION_REQUEST","data":{"business_id":"a"}}"#
    private static let day: Int64 = 86_400_000

    /// The first receipt, the second, the window in days (nil for the default), and whether the second is a redelivery.
    static let cases: [(String, String, Int64?, Bool)] = [
        ("2026-11-20T10:00:00.000Z", "2026-11-20T10:00:00.001Z", nil, true),
        ("2026-11-20T23:59:59.999Z", "2026-11-21T00:00:00.000Z", nil, true),
        ("2026-10-31T23:00:00.000Z", "2026-11-01T01:00:00.000Z", nil, true),
        ("2025-12-31T23:00:00.000Z", "2026-01-01T01:00:00.000Z", nil, true),
        ("2026-11-10T10:00:00.000Z", "2026-11-17T10:00:00.000Z", nil, true),
        ("2026-11-10T10:00:00.000Z", "2026-11-17T10:00:00.001Z", nil, false),
        ("2026-11-10T10:00:00.000Z", "2026-11-13T13:05:35.000Z", nil, true),
        ("2026-11-10T10:00:00.000Z", "2026-11-11T10:00:00.000Z", 1, true),
        ("2026-11-10T10:00:00.000Z", "2026-11-11T10:00:00.001Z", 1, false),
        ("2026-11-10T10:00:00.000Z", "2026-11-10T10:00:00.000Z", 0, false),
        ("2026-11-10T10:00:00.000Z", "2026-11-10T10:00:00.001Z", 0, false),
        // A backfill: what was received earlier comes into the spool later.
        ("2026-11-17T10:00:00.000Z", "2026-11-17T09:00:00.000Z", nil, true),
        ("2026-11-17T10:00:00.000Z", "2026-11-10T10:00:00.000Z", nil, true),
        ("2026-11-17T10:00:00.000Z", "2026-11-10T09:59:59.999Z", nil, false),
    ]

    @Test(arguments: cases, [false, true])
    func equalBytesWithinTheWindowAreARedelivery(
        _ times: (String, String, Int64?, Bool), inOneSweep: Bool
    ) throws {
        var fixture = fixture
        let (first, again, window, isKnown) = times
        if let window { fixture.configuration.redeliveryWindow = window * Self.day }
        let ids = [try fixture.receive(payload, at: first), try fixture.receive(payload, at: again, salt: 1)]
        if !inOneSweep {
            let aside = "spool/production/new/\(ids[1]).json"
            fixture.folder.remove(aside)
            #expect(try fixture.counts() == [1, 0, 0])
            try fixture.receive(payload, at: again, salt: 1)
            #expect(try fixture.counts() == (isKnown ? [0, 1, 0] : [1, 0, 0]))
        } else {
            #expect(try fixture.counts() == (isKnown ? [1, 1, 0] : [2, 0, 0]))
        }
        if isKnown {
            // The event keeps the day of the receipt that was archived; the redelivery is in the ledger of its own day.
            let isBackfill = inOneSweep && again < first
            let (event, redelivery) = isBackfill ? (1, 0) : (0, 1)
            let days = [first, again].map { String($0.prefix(10)) }
            #expect(try fixture.events("a", days[event]).map(\.id) == [ids[event]])
            let line = LedgerLine.Redelivery(
                id: ids[redelivery], of: ids[event], time: Timestamp([first, again][redelivery])!,
                hash: ContentHash(of: Array(payload.utf8)), differing: nil)
            #expect(try fixture.ledger("a", days[redelivery]) == [.redelivery(line)])
        }
        #expect(try fixture.findings() == [])
    }

    @Test func theWindowStartsAtTheFirstReceiptNotTheLastRedelivery() throws {
        for (day, counts) in [(1, [1, 0, 0]), (6, [0, 1, 0]), (11, [1, 0, 0]), (12, [0, 1, 0])] {
            try fixture.receive(payload, at: "2026-11-\(day < 10 ? "0" : "")\(day)T10:00:00.000Z")
            #expect(try fixture.counts() == counts, "day \(day)")
        }
        #expect(try fixture.findings() == [])
    }

    @Test func theNearerOfTwoEventsIsRedelivered() throws {
        let early = try fixture.receive(payload, at: "2026-11-01T10:00:00.000Z")
        let late = try fixture.receive(payload, at: "2026-11-10T10:00:00.000Z")
        #expect(try fixture.counts() == [2, 0, 0])
        for (hour, event) in [("05T10", early), ("05T21", early), ("05T23", late), ("06T10", late)] {
            try fixture.receive(payload, at: "2026-11-\(hour):00:00.000Z")
            #expect(try fixture.counts() == [0, 1, 0])
            #expect(try fixture.redeliveries("a", "2026-11-\(hour.prefix(2))").last?.of == event)
        }
        #expect(try fixture.findings() == [])
    }

    @Test func environmentsNeverMix() throws {
        var fixture = fixture
        fixture.configuration.idHeader = "webhook-id"
        for environment in Environment.allCases {
            try fixture.receive(payload, at: "2026-11-24T10:00:00.000Z", environment, headers: #"{"webhook-id":"1"}"#)
        }
        #expect(try fixture.entries(.production) == fixture.entries(.sandbox))
        #expect(try fixture.counts() == [2, 0, 0])
        for environment in Environment.allCases {
            try fixture.receive(payload, at: "2026-11-24T11:00:00.000Z", environment, headers: #"{"webhook-id":"1"}"#)
            #expect(try fixture.counts() == [0, 1, 0])
            #expect(try fixture.ledger("a", "2026-11-24", environment).count == 1)
        }
        #expect(try fixture.findings() == [])
    }

    // MARK: - The sender's id

    private func event(_ number: Int, id: String? = nil) -> String {
        #"{"event":"X",\#(id.map { #""id":"\#($0)","# } ?? "")"data":{"business_id":"a","n":\#(number)}}"#
    }

    @Test func theSendersIdInAHeaderDecides() throws {
        var fixture = fixture
        fixture.configuration.idHeader = "webhook-id"
        func receive(_ number: Int, _ id: String, at time: String) throws {
            try fixture.receive(
                event(number), at: "2026-11-24T\(time):00.000Z", headers: #"{"webhook-id":"\#(id)","x":"y"}"#)
        }
        try receive(1, "msg_1", at: "10:00")
        try receive(2, "msg_1", at: "10:01")
        try receive(1, "msg_2", at: "10:02")
        #expect(try fixture.counts() == [2, 1, 0])
        try receive(1, "msg_1", at: "10:03")
        try receive(9, "msg_2", at: "10:04")
        #expect(try fixture.counts() == [0, 2, 0])

        let events = try fixture.events("a", "2026-11-24")
        #expect(events.map(\.key) == ["msg_1", "msg_2"])
        #expect(events[0].headers == #"{"webhook-id":"msg_1","x":"y"}"#)
        let differing = try fixture.redeliveries("a", "2026-11-24").map { line in
            line.differing.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(differing == [event(2), nil, event(9)])
        #expect(try fixture.findings() == [])
    }

    /// If there is no id, or one that a CloudEvents attribute cannot hold, the payload's hash decides.
    @Test(arguments: [nil, #"{"other":"1"}"#, #"{"webhook-id":""}"#, #"{"webhook-id":"a\u0085b"}"#, "{}"])
    func withoutASendersIdThePayloadDecides(_ headers: String?) throws {
        var fixture = fixture
        fixture.configuration.idHeader = "webhook-id"
        for minute in 10...11 {
            try fixture.receive(event(1), at: "2026-11-24T10:\(minute):00.000Z", headers: headers)
        }
        #expect(try fixture.counts() == [1, 1, 0])
        #expect(try fixture.events("a", "2026-11-24")[0].key == nil)
        #expect(try fixture.findings() == [])
    }

    @Test func theSendersIdInAHeaderGoesBeforeTheOneInThePayload() throws {
        var fixture = fixture
        fixture.configuration.idHeader = "webhook-id"
        fixture.configuration.rules.senderID = try JSONPointer("/id")
        try fixture.receive(event(1, id: "e1"), at: "2026-11-24T10:00:00.000Z")
        try fixture.receive(event(2, id: "e1"), at: "2026-11-24T10:01:00.000Z")
        try fixture.receive(event(2, id: "e2"), at: "2026-11-24T10:02:00.000Z")
        try fixture.receive(event(3), at: "2026-11-24T10:03:00.000Z")
        try fixture.receive(event(4, id: "e1"), at: "2026-11-24T10:04:00.000Z", headers: #"{"webhook-id":"h"}"#)
        try fixture.receive(event(5, id: "h"), at: "2026-11-24T10:05:00.000Z")
        #expect(try fixture.counts() == [4, 2, 0])
        #expect(try fixture.events("a", "2026-11-24").map(\.key) == ["e1", "e2", nil, "h"])
        #expect(try fixture.findings() == [])
    }

    // MARK: - Ignored members

    @Test func ignoredMembersDoNotMakeANewEventAndAreKept() throws {
        var fixture = fixture
        fixture.configuration.rules.ignoring = [try JSONPointer("/sent_at"), try JSONPointer("/data/attempt")]
        let bodies = [
            #"{"event":"X","sent_at":1,"data":{"business_id":"a"}}"#,
            "{\"event\":\"X\",\"sent_at\":\"\\u0032\",\"data\":{\"business_id\":\"a\",\"attempt\":2}}",
            #"{"event":"X","data":{"business_id":"a"}}"#,
            "{\"event\":\"X\",\n\"sent_at\":1,\"data\":{\"business_id\":\"a\"}}",
            #"{"event":"X","sent_at":1,"data":{"business_id":"b"}}"#,
        ]
        for (minute, body) in bodies.enumerated() {
            try fixture.receive(body, at: "2026-11-24T10:0\(minute):00.000Z")
        }
        // Another spacing is another payload, and so is another business.
        #expect(try fixture.counts() == [3, 2, 0])
        #expect(
            try fixture.redeliveries("a", "2026-11-24").map(\.differing)
                == [Array(bodies[1].utf8), Array(bodies[2].utf8)])
        let event = try fixture.events("a", "2026-11-24")[0]
        #expect(event.reduced == ContentHash(of: Array(bodies[2].utf8)))
        #expect(try fixture.findings() == [])
    }

    @Test func anUpdateToAToBAndBackToAIsTwoEvents() throws {
        for (minute, state) in ["A", "B", "A"].enumerated() {
            try fixture.receive(
                #"{"event":"RECORD_UPDATED","data":{"business_id":"a","state":"\#(state)"}}"#,
                at: "2026-11-24T10:0\(minute):00.000Z")
        }
        #expect(try fixture.counts() == [2, 1, 0])
    }

    @Test func aRedeliveryIsInTheLedgerOfItsEventsBusiness() throws {
        var fixture = fixture
        fixture.configuration.rules.senderID = try JSONPointer("/id")
        try fixture.receive(#"{"event":"X","id":"1","data":{"business_id":"a"}}"#, at: "2026-11-24T10:00:00.000Z")
        try fixture.receive(#"{"event":"X","id":"1","data":{"business_id":"b"}}"#, at: "2026-11-25T00:00:00.000Z")
        #expect(try fixture.counts() == [1, 1, 0])
        #expect(
            try fixture.files == [
                SweepFixture.ledgerPath("a", "2026-11-25"), SweepFixture.archivePath("a", "2026-11-24"),
            ])
        #expect(try fixture.findings() == [])
    }
}
