import Testing
import Webhooks

@Suite struct DeliveryIDTests {
    @Test func version7ContainsItsTime() {
        let id = DeliveryID(nanoseconds: 1_795_468_488_704_500_000, random: ~0)
        #expect(id.description == "01a20a42-f000-7800-bfff-ffffffffffff")
        #expect(id.version == 7)
        #expect(id.time?.description == "2026-11-23T21:14:48.704Z")
        let least = DeliveryID(nanoseconds: 0, random: 0)
        #expect(least.description == "00000000-0000-7000-8000-000000000000")
        #expect(least.time == Timestamp(milliseconds: 0))
        // The last nanosecond of a millisecond still belongs to it.
        #expect(DeliveryID(nanoseconds: 999_999, random: 0).description == "00000000-0000-7fff-8000-000000000000")
    }

    @Test func version8IsMadeFromAHash() {
        let hash = ContentHash(of: Array("abc".utf8))  // ba7816bf 8f01cfea 414140de 5dae2223
        let id = DeliveryID(hash: hash)
        #expect(id.description == "ba7816bf-8f01-8fea-8141-40de5dae2223")
        #expect(id.version == 8)
        #expect(id.time == nil)
    }

    @Test(arguments: [
        "019ab2c3-d4e5-7f60-8123-456789abcdef", "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    ])
    func roundTripsThroughText(_ text: String) {
        #expect(DeliveryID(text)?.description == text)
    }

    @Test(arguments: [
        "", "019ab2c3-d4e5-7f60-8123-456789abcde", "019ab2c3-d4e5-7f60-8123-456789abcdef0",
        "019AB2C3-D4E5-7F60-8123-456789ABCDEF", "019ab2c3d4e57f608123456789abcdef",
        "{19ab2c3-d4e5-7f60-8123-456789abcde}",
        "019ab2c3-d4e5-7f60-8123-456789abcdeg", "019ab2c3-d4e5-7f60-8123-456789abc-ef",
        "019ab2c3_d4e5-7f60-8123-456789abcdef",
        "019ab2c3-d4e5-7f60-8123-456789abcdé",
    ])
    func rejectsOtherForms(_ text: String) {
        #expect(DeliveryID(text) == nil)
    }

    @Test func onlyVersion7HasATime() {
        #expect(DeliveryID("019ab2c3-d4e5-7f60-8123-456789abcdef")?.time != nil)
        #expect(DeliveryID("019ab2c3-d4e5-7f60-c123-456789abcdef")?.time == nil)
        #expect(DeliveryID("019ab2c3-d4e5-4f60-8123-456789abcdef")?.time == nil)
    }

    @Test func sortsLikeItsTextAndByReceipt() {
        let start: UInt64 = 1_795_468_488_704_000_000
        let ids = (0..<1000).map {
            DeliveryID(nanoseconds: start + $0 * 250_000, random: UInt64.random(in: 0...UInt64.max))
        }
        #expect(ids == ids.sorted())
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
        let any = (0..<200).map { DeliveryID(hash: ContentHash(of: [$0])) }
        #expect(any.sorted().map(\.description) == any.map(\.description).sorted())
    }
}
