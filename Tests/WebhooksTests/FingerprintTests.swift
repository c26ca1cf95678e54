import Testing
import Webhooks

@Suite struct FingerprintTests {
    // The expected texts come from `printf 'production\0id\0evt_1' | sha256sum | cut -c1-32` and the like.
    @Test func isTheFirstHalfOfAHash() throws {
        let byID = Fingerprint(environment: .production, senderID: "evt_1")
        #expect(Hex.encode(byID.bytes) == "4d2c836d2ca9848d2da7aea94c6f0c57")
        let hash = ContentHash(of: Array("{}".utf8))
        let byHash = Fingerprint(environment: .sandbox, payloadHash: hash)
        #expect(Hex.encode(byHash.bytes) == "64779891ce7a8d42e190ba0bfc04e9b3")
    }

    @Test func anIDAndAHashNeverHaveTheSameFingerprint() {
        let hash = ContentHash(of: [1, 2, 3])
        let fingerprints: Set = [
            Fingerprint(environment: .sandbox, payloadHash: hash),
            Fingerprint(environment: .production, payloadHash: hash),
            Fingerprint(environment: .sandbox, senderID: hash.description),
            Fingerprint(environment: .sandbox, senderID: ""),
        ]
        #expect(fingerprints.count == 4)
    }

    @Test func roundTripsThroughBytes() {
        let fingerprint = Fingerprint(environment: .sandbox, senderID: "é")
        #expect(fingerprint.bytes.count == 16)
        func read(_ bytes: [UInt8]) -> Fingerprint? { bytes.withUnsafeBytes { Fingerprint(bytes: $0) } }
        #expect(read(fingerprint.bytes) == fingerprint)
        #expect(read(fingerprint.bytes.dropLast()) == nil)
        #expect(read(fingerprint.bytes + [0]) == nil)
    }
}
