import DurableFiles
import Foundation
import Spool
import TestSupport
import Testing
import Webhooks

@Suite struct ReceivingTests {
    let fixture: SpoolFixture

    init() throws { fixture = try SpoolFixture() }

    @Test func aDeliveryIsStoredUnchangedUnderItsReceiptTime() throws {
        let payload = Array("\u{0}{ \"event\"\r\n".utf8) + [0xff]
        let before = Int64(Date().timeIntervalSince1970 * 1000) - 1
        let id = try fixture.part.store(payload)
        let after = Int64(Date().timeIntervalSince1970 * 1000) + 1
        #expect(try fixture.files == ["new/\(id).json"])
        #expect(try fixture.folder.read("spool/production/new/\(id).json") == payload)
        #expect(id.version == 7 && (before...after).contains(id.time!.milliseconds))
        #expect(DeliveryID(id.description) == id)
    }

    @Test func headersAreStoredInASidecar() throws {
        let id = try fixture.part.store([], headers: Array(#"{"webhook-id":"1"}"#.utf8))
        #expect(try fixture.files == ["new/\(id).headers.json", "new/\(id).json"])
        let scan = try fixture.part.scan()
        #expect(scan.entries.map(\.hasSidecar) == [true])
        #expect(try fixture.part.read(scan.entries[0]).headers == Array(#"{"webhook-id":"1"}"#.utf8))
    }

    @Test func concurrentDeliveriesHaveDifferentNames() async throws {
        let part = fixture.part
        let ids = try await withThrowingTaskGroup { group in
            for number in 0..<64 { group.addTask { try part.store(Array("\(number)".utf8)) } }
            return try await group.reduce(into: Set<DeliveryID>()) { $0.insert($1) }
        }
        #expect(ids.count == 64)
        #expect(try part.scan().entries.map(\.id) == ids.sorted())
    }

    @Test func makingASpoolAgainChangesNothing() throws {
        _ = try fixture.part.store([1])
        let again = try SpoolFolder.make(fixture.folder("spool"))
        #expect(try again.root.names(.folder) == ["production", "sandbox"])
        #expect(try again.environment(.production)!.scan().entries.count == 1)
        #expect(try again.environment(.sandbox)!.scan().entries.isEmpty)
    }
}
