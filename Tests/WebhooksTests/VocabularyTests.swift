import Testing
import Webhooks

@Suite struct VocabularyTests {
    @Test func theProvidersEventsInThePagesOrder() {
        #expect(
            EventType.knownNames == [
                "NEW_BUSINESS", "NEW_SUBSCRIPTION", "SUBSCRIPTION_REQUEST", "SUBSCRIPTION_EXPIRED",
                "NEW_TRANSACTION_CREATED", "TRANSACTION_UPDATED", "TRANSACTION_DELETED",
                "RECORD_CREATED", "RECORD_UPDATED", "RECORD_DELETED",
                "INVENTORY_ITEM_CREATED", "INVENTORY_ITEM_UPDATED", "INVENTORY_ITEM_DELETED",
            ])
    }

    @Test func environments() {
        #expect(Environment.allCases.map(\.description) == ["production", "sandbox"])
        #expect(Environment.allCases.sorted() == Environment.allCases)
        #expect(Environment(rawValue: "Production") == nil)
    }

    @Test(arguments: [
        "", "NEW_BUSINESS", " ~", "é", "ọ́", "😀", "\u{A0}", "\u{E000}", "\u{FFFD}", "\u{2028}", "\u{10FFFD}",
    ])
    func cloudEventsAllows(_ text: String) {
        #expect(CloudEventsText.allows(text))
    }

    @Test(
        arguments: [
            0x00, 0x0A, 0x1F, 0x7F, 0x80, 0x9F, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0xFFFFE, 0x10FFFE,
            0x10FFFF,
        ] as [UInt32])
    func cloudEventsForbids(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(!CloudEventsText.allows(String(scalar)))
        #expect(!CloudEventsText.allows("é" + String(scalar) + "x"))
    }
}

@Suite struct FingerprintTests {
    // printf 'production\0id\0evt_1' | sha256sum | cut -c1-32, and so on.
    @Test func isTheFirstHalfOfAHash() throws {
        let byID = Fingerprint(environment: .production, senderID: "evt_1")
        #expect(Hex.encode(byID.bytes) == "4d2c836d2ca9848d2da7aea94c6f0c57")
        let hash = ContentHash(of: Array("{}".utf8))
        let byHash = Fingerprint(environment: .sandbox, payloadHash: hash)
        #expect(Hex.encode(byHash.bytes) == "64779891ce7a8d42e190ba0bfc04e9b3")
    }

    @Test func anIDIsNoHash() {
        let hash = ContentHash(of: [1, 2, 3])
        let fingerprints: Set = [
            Fingerprint(environment: .sandbox, payloadHash: hash),
            Fingerprint(environment: .production, payloadHash: hash),
            Fingerprint(environment: .sandbox, senderID: hash.description),
            Fingerprint(environment: .sandbox, senderID: ""),
        ]
        #expect(fingerprints.count == 4)
    }

    @Test func comesBackFromItsBytes() {
        let fingerprint = Fingerprint(environment: .sandbox, senderID: "é")
        #expect(fingerprint.bytes.count == 16)
        func read(_ bytes: [UInt8]) -> Fingerprint? { bytes.withUnsafeBytes { Fingerprint(bytes: $0) } }
        #expect(read(fingerprint.bytes) == fingerprint)
        #expect(read(fingerprint.bytes.dropLast()) == nil)
        #expect(read(fingerprint.bytes + [0]) == nil)
    }
}
