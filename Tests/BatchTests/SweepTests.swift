import Archive
import ArchiveIndex
import Batch
import TestSupport
import Testing
import Webhooks

@Suite struct SweepTests {
    @Test func anEventBecomesALineOfItsBusinessAndDay() throws {
        let fixture = try SweepFixture()
        let payload = #"{"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"acme","amount":-250.00}}"#
        let id = try fixture.receive(payload, at: "2026-11-24T21:14:48.704Z")
        let report = try fixture.sweep()
        #expect(report.record?.total.archived == 1)
        let path = "environment=production/business=acme/day=2026-11-24/events.ndjson.gz"
        let hash = ContentHash(of: Array(payload.utf8))
        #expect(
            try fixture.lines(path) == [
                #"{"specversion":"1.0","id":"\#(id)","source":"/lehjah/production","type":"NEW_TRANSACTION_CREATED","#
                    + #""subject":"acme","time":"2026-11-24T21:14:48.704Z","datacontenttype":"application/json","#
                    + #""sha256":"\#(hash)","pointer":"/data/business_id","data":\#(payload)}"#
            ])
        #expect(try fixture.entries().isEmpty)
        #expect(report.sealed.count == 1)
    }
}
