import Archive
import ArchiveIndex
import Parallel
import SweepSupport
import TestSupport
import Testing
import Webhooks

@Suite struct EventQueryTests {
    let fixture: SweepFixture
    let ids: [DeliveryID]

    /// One archive of several blocks, and a small one.
    init() throws {
        fixture = try SweepFixture()
        let filling = String(repeating: "x", count: 100_000)
        ids = try (0..<12).map { [fixture] number in
            try fixture.receive(
                #"{"event":"\#(number % 4 == 0 ? "A" : "B")","data":{"business_id":"a","n":\#(number),"f":"\#(filling)"}}"#,
                at: "2026-11-24T10:00:\(number + 10).000Z")
        }
        try fixture.receive(#"{"event":"A","data":{"business_id":"b"}}"#, at: "2026-11-24T11:00:00.000Z", .sandbox)
        try fixture.sweep()
    }

    private func find(_ query: EventQuery) throws -> (ids: [DeliveryID], cost: EventQuery.Cost) {
        var found: [DeliveryID] = []
        let cost = try query.run(in: fixture.archive, IndexDatabase.open(forReadingIn: fixture.archive)) { line, _ in
            found.append(try EventLine(line.line).id)
        }
        return (found, cost)
    }

    @Test func anEventIsFoundByItsIdInOneBlock() throws {
        for id in ids {
            let (found, cost) = try find(EventQuery(ids: [id]))
            #expect(found == [id] && cost.blocksInflated == 1 && cost.archives == 1 && cost.blocks == 6)
        }
    }

    @Test func eventsOfATypeAreFoundInTheirBlocks() throws {
        let (found, cost) = try find(EventQuery(Selection(environment: .production), types: [.init("A")]))
        #expect(found == [ids[0], ids[4], ids[8]] && cost.blocksInflated == 3)
        #expect(try find(EventQuery(types: [.init("A")])).ids.count == 4)
        #expect(try find(EventQuery(types: [.init("C")])).cost.blocksInflated == 0)
    }

    private func count(_ query: EventQuery) throws -> Int {
        try IndexDatabase.open(forReadingIn: fixture.archive).read { try $0.count(query) }
    }

    @Test func severalTypesAndIdsAreFoundInTheOrderOfTheLines() throws {
        #expect(try find(EventQuery(types: [.init("A"), .init("B")])).ids.count == 13)
        #expect(try find(EventQuery(types: [.init("*")])).ids.count == 13)
        #expect(try find(EventQuery(types: [.init("A*"), .init("B*A")])).ids.count == 4)
        let (found, cost) = try find(EventQuery(ids: [ids[9], ids[2], ids[3]]))
        #expect(found == [ids[2], ids[3], ids[9]] && cost.blocksInflated == 2)
        #expect(try find(EventQuery(types: [.init("B")], ids: [ids[0], ids[1]])).ids == [ids[1]])
        let unknown = try #require(DeliveryID("0195507c-0000-7000-8000-000000000099"))
        let query = EventQuery(ids: [ids[1], unknown])
        #expect(try find(query).ids == [ids[1]])
        #expect(try query.unknownIDs(in: IndexDatabase.open(forReadingIn: fixture.archive)) == [unknown])
    }

    @Test func aLimitStopsReading() throws {
        for limit in [1, 3, 12, 13, 14] {
            let (found, cost) = try find(EventQuery(limit: limit))
            #expect(found.count == min(limit, 13) && cost.blocksInflated <= limit / 2 + 1)
        }
    }

    /// Also of events that are archived later, for a day that was archived before.
    @Test func incrementsAddUpToTheWhole() throws {
        var parts: [[DeliveryID]] = [try find(EventQuery(sweeps: .init(after: 0, through: 1))).ids]
        for sweep in 2...6 {
            for day in [24, 24 - sweep] {
                for business in ["a", "c"] {
                    try fixture.receive(
                        #"{"event":"A","data":{"business_id":"\#(business)","sweep":\#(sweep)}}"#,
                        at: "2026-11-\(day)T12:00:\(sweep + 10).000Z")
                }
            }
            try fixture.sweep()
            let part = EventQuery(sweeps: .init(after: sweep - 1, through: sweep))
            parts.append(try find(part).ids)
            #expect(try count(part) == parts.last?.count)
        }
        #expect(parts.map(\.count) == [13, 2, 2, 2, 2, 2])
        let whole = try find(EventQuery()).ids
        #expect(parts.joined().sorted { "\($0)" < "\($1)" } == whole.sorted { "\($0)" < "\($1)" })
        #expect(Set(parts.joined()).count == whole.count)
        #expect(Set(try find(EventQuery(sweeps: .init(after: 3))).ids) == Set(parts[3...].joined()))
        #expect(Set(try find(EventQuery(sweeps: .init(through: 3))).ids) == Set(parts[..<3].joined()))
    }

    @Test func countsAreThoseOfTheEventsThatAreFound() throws {
        let queries = [
            EventQuery(), EventQuery(types: [.init("A")]), EventQuery(ids: Array(ids[2...5])),
            EventQuery(types: [.init("C")]),
            EventQuery(Selection(environment: .sandbox)),
            EventQuery(Selection(business: Business("a")), types: [.init("B")]),
        ]
        for query in queries { #expect(try count(query) == find(query).ids.count) }
    }

    @Test func eventsAreFoundByHashTimeAndRedelivery() throws {
        try fixture.receive(
            #"{"event":"A","data":{"business_id":"b"}}"#, at: "2026-11-25T11:00:00.000Z", .sandbox)
        try fixture.sweep()
        let payload = Array(#"{"event":"A","data":{"business_id":"b"}}"#.utf8)
        #expect(try find(EventQuery(hashes: [ContentHash(of: payload)])).ids.count == 1)
        #expect(try find(EventQuery(hashes: [ContentHash(of: [1])])).cost.blocksInflated == 0)
        #expect(try find(EventQuery(isRedelivered: true)).ids.count == 1)
        #expect(try find(EventQuery(isRedelivered: false)).ids == ids)
        func received(_ from: String?, _ before: String?) throws -> [DeliveryID] {
            try find(
                EventQuery(
                    received: .init(from: from.flatMap { Timestamp($0) }, before: before.flatMap { Timestamp($0) }))
            )
            .ids
        }
        #expect(try received("2026-11-24T10:00:11.000Z", "2026-11-24T10:00:13.000Z") == Array(ids[1...2]))
        #expect(try received("2026-11-24T10:00:20.000Z", nil).count == 3)
        #expect(try received(nil, "2026-11-24T10:00:10.001Z") == [ids[0]])
        #expect(try received("2026-11-26T00:00:00.000Z", nil).isEmpty)
    }

    @Test func severalBusinessesAreFoundAlsoUnassigned() throws {
        let none = try fixture.receive(#"{"event":"A","data":{}}"#, at: "2026-11-24T12:00:00.000Z")
        try fixture.sweep()
        func count(_ businesses: [Business]) throws -> Int {
            try find(EventQuery(Selection(businesses: businesses))).ids.count
        }
        #expect(try count([.named("a"), .named("b")]) == 13)
        #expect(try count([.named("a"), .unassigned]) == 13)
        #expect(try count([.named("b"), .named("c")]) == 1)
        #expect(try count([.named("c"), .named("d")]) == 0)
        #expect(try count([.named(""), .named("\"]")]) == 0)
        #expect(try find(EventQuery(Selection(business: .unassigned))).ids == [none])
        #expect(try count([]) == 14)
    }

    @Test(arguments: [1, 2, 3]) func payloadsAreComparedOnAnyNumberOfThreads(threads: Int) throws {
        func find(_ condition: String, limit: Int? = nil) throws -> (numbers: [String], cost: EventQuery.Cost) {
            var found: [String] = []
            let query = EventQuery(condition: try PayloadCondition(condition), limit: limit)
            let cost = try query.run(
                in: fixture.archive, IndexDatabase.open(forReadingIn: fixture.archive),
                pipeline: Pipeline(threads: threads)
            ) { line, _ in
                found.append("\(try EventLine(line.line).id)")
            }
            return (found, cost)
        }
        let found = try find("/data/n >= 3 and /data/n < 9.5")
        #expect(found.numbers == ids[3...9].map { "\($0)" } && found.cost.missingPointers.isEmpty)
        #expect(found.cost.events == 7 && found.cost.blocksInflated == 7)
        #expect(try find(#"/data/business_id = "b""#).numbers.count == 1)
        #expect(try find("/data/n >= 3", limit: 2).numbers == ids[3...4].map { "\($0)" })
        let none = try find("/data/missing = 1 and /data/n exists")
        #expect(none.numbers.isEmpty && none.cost.missingPointers == ["/data/missing"])
    }

    @Test func withoutConditionsAllAreFoundInOrder() throws {
        #expect(try find(EventQuery(Selection(business: Business("a")))).ids == ids)
        #expect(try find(EventQuery(Selection(environment: .sandbox))).ids.count == 1)
        #expect(try find(EventQuery(Selection(from: CivilDate("2026-11-25")!))).ids == [])
    }

    @Test func aChangedBlockIsNotServed() throws {
        let path = "archive/" + SweepFixture.archivePath("a", "2026-11-24")
        var bytes = try fixture.folder.read(path)
        bytes[20] ^= 1
        try fixture.folder.write(bytes, to: path)
        #expect(throws: ArchiveError.self) { try find(EventQuery(ids: [ids[0]])) }
        #expect(try find(EventQuery(ids: [ids[11]])).ids == [ids[11]])
    }
}
