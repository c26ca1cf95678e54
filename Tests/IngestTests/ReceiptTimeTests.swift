import Testing
import Webhooks

@testable import Ingest

struct ReceiptTimeTests {
    @Test(arguments: [
        ("2026-06-16T15:30:00Z", "2026-06-16T15:30:00.000Z"), ("2026-06-16t15:30:00.1z", "2026-06-16T15:30:00.100Z"),
        ("2026-06-16T15:30:00.123999+00:00", "2026-06-16T15:30:00.123Z"),
        ("2026-06-16 15:30:00,5-05:30", "2026-06-16T21:00:00.500Z"),
        ("2026-03-01T00:30:00+0100", "2026-02-28T23:30:00.000Z"),
        ("2026-06-16", "2026-06-16T00:00:00.000Z"), ("1781623800", "2026-06-16T15:30:00.000Z"),
        ("1781623800.25", "2026-06-16T15:30:00.250Z"), ("1781623800123", "2026-06-16T15:30:00.123Z"),
    ])
    func times(text: String, expected: String) { #expect(ReceiptTime.time(text)?.description == expected) }

    @Test(arguments: [
        "", "yesterday", "2026-06-16T15:30:00", "2026-02-30", "2026-06-16T24:00:00Z", "2026-06-16T15:30:00+99:00", "-1",
        "1e9", "16/06/2026", "123456789012345", "20250301", "202503011000", "86400",
    ])
    func noTimes(text: String) { #expect(ReceiptTime.time(text) == nil) }

    @Test(arguments: [
        ("019ecdba-5000-7c0c-9144-6367e4b8fccd.json", "2026-06-16T00:00:00.000Z"),
        ("hook-2026-06-16T15:30:00Z-1.json", "2026-06-16T15:30:00.000Z"),
        ("20260616T153000.123Z_a.json", "2026-06-16T15:30:00.123Z"),
        ("2026-06-16_15-30-00Z", "2026-06-16T15:30:00.000Z"),
        ("payload_1781623800123.json.gz", "2026-06-16T15:30:00.123Z"), ("1781623800", "2026-06-16T15:30:00.000Z"),
        ("payload_17816238001.json", nil), ("a.json", nil), ("2026-06-16.json", nil),
    ])
    func names(name: String, expected: String?) { #expect(ReceiptTime.time(inName: name)?.description == expected) }

    @Test func idsDependOnWhatIsDelivered() throws {
        let time = try #require(Timestamp("2026-06-16T15:30:00.123Z"))
        let item = HistoryItem(source: "a, line 1", payload: [1], time: time, headers: [:])
        let id = try item.id(in: .production)
        #expect(id.version == 7 && id.time == time)
        var other = item
        other.source = "b"
        #expect(try other.id(in: .production) == id)
        #expect(try item.id(in: .sandbox) != id)
        other.headers = ["x": "y"]
        #expect(try other.id(in: .production) != id)
        other = item
        other.payload = [2]
        #expect(try other.id(in: .production) != id)
        other = item
        other.time.milliseconds += 1
        #expect(try other.id(in: .production) != id)
    }
}
