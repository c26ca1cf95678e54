import Testing
import Webhooks

@Suite struct HexTests {
    @Test func encodesAndDecodes() {
        let all = Array(UInt8.min...UInt8.max)
        #expect(Hex.decode(Array(Hex.encode(all).utf8)) == all)
        #expect(Hex.encode([0, 9, 10, 255]) == "00090aff")
        for bad in ["0", "0A", "g0", "0x", " 0", "é"] { #expect(Hex.decode(Array(bad.utf8)) == nil) }
    }
}
