import Testing
import Webhooks

@Suite struct ContentHashTests {
    // The examples of FIPS 180-4. The expected texts come from `printf abc | sha256sum`.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func examples(_ text: String, _ hex: String) {
        let hash = ContentHash(of: Array(text.utf8))
        #expect(hash.description == hex)
        #expect(ContentHash(hex: hex) == hash)
        #expect(ContentHash(bytes: hash.bytes) == hash)
        var running = RunningHash()
        for byte in text.utf8 { running.add([byte]) }
        #expect(running.value == hash)
        running.add([0])
        #expect(running.value == ContentHash(of: Array(text.utf8) + [0]))
    }

    @Test func rejectsOtherForms() {
        let hex = ContentHash(of: []).description
        #expect(ContentHash(hex: hex.uppercased()) == nil)
        #expect(ContentHash(hex: hex.dropLast()) == nil)
        #expect(ContentHash(hex: hex + "00") == nil)
        #expect(ContentHash(hex: hex.dropLast() + "g") == nil)
        #expect(ContentHash(hex: "") == nil)
        #expect(ContentHash(bytes: [UInt8](repeating: 0, count: 31)) == nil)
    }

    @Test func sortsLikeItsText() {
        let hashes = (0..<200).map { ContentHash(of: [$0]) }
        #expect(hashes.sorted().map(\.description) == hashes.map(\.description).sorted())
        #expect(Set(hashes).count == 200)
    }
}
