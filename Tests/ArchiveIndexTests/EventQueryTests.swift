import Archive
import ArchiveIndex
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
            let (found, cost) = try find(EventQuery(Selection(), id: id))
            #expect(found == [id] && cost.blocksInflated == 1 && cost.archives == 1 && cost.blocks == 6)
        }
    }

    @Test func eventsOfATypeAreFoundInTheirBlocks() throws {
        let (found, cost) = try find(EventQuery(Selection(environment: .production), type: "A"))
        #expect(found == [ids[0], ids[4], ids[8]] && cost.blocksInflated == 3)
        #expect(try find(EventQuery(Selection(), type: "A")).ids.count == 4)
        #expect(try find(EventQuery(Selection(), type: "C")).cost.blocksInflated == 0)
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
        #expect(throws: ArchiveError.self) { try find(EventQuery(Selection(), id: ids[0])) }
        #expect(try find(EventQuery(Selection(), id: ids[11])).ids == [ids[11]])
    }
}
