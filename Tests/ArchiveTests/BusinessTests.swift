import Archive
import TestSupport
import Testing
import Webhooks

@Suite struct BusinessTests {
    @Test(arguments: [
        ("acme", "acme"), ("ABC", "ABC"), ("abc", "abc"), ("123456", "123456"), ("-1.5e10", "-1.5e10"),
        ("65f1c0ffee", "65f1c0ffee"), ("a_b.c-d", "a_b.c-d"), ("../x", "%2E.%2Fx"), ("a/b", "a%2Fb"), ("..", "%2E."),
        (".", "%2E"), ("_unassigned", "%5Funassigned"), ("_ledger", "%5Fledger"), ("__HIVE", "%5F_HIVE"),
        ("%41", "%2541"),
        ("a~b", "a%7Eb"), ("a b", "a%20b"), ("day=2026-11-23", "day%3D2026-11-23"), ("Zoë", "Zo%C3%AB"),
        ("😀", "%F0%9F%98%80"),
        ("$(rm -rf)", "%24%28rm%20-rf%29"), ("a\\b", "a%5Cb"), ("CON", "CON"),
    ])
    func aBusinessIsEncodedForAPathAndReadBack(_ name: String, _ segment: String) {
        #expect(Business(name).segment == segment)
        #expect(Business(segment: segment) == .named(name))
        #expect(Business(segment: segment)?.name?.utf8.elementsEqual(name.utf8) == true)
    }

    @Test func unassignedHasASegmentThatNoNameCanHave() {
        #expect(Business(nil).segment == "_unassigned")
        #expect(Business(segment: "_unassigned") == .unassigned)
        #expect(Business("_unassigned") != .unassigned)
    }

    @Test(arguments: [
        (String(repeating: "a", count: 120), String(repeating: "a", count: 120)),
        (String(repeating: "é", count: 20), String(repeating: "%C3%A9", count: 20)),
        (String(repeating: "a", count: 121), String(repeating: "a", count: 50)),
        ("a" + String(repeating: "é", count: 20), "a" + String(repeating: "%C3%A9", count: 8)),
        (String(repeating: "a", count: 49) + String(repeating: "/", count: 100), String(repeating: "a", count: 49)),
        (String(repeating: "x", count: 300), String(repeating: "x", count: 50)),
        ("株式会社日本経済新聞社東京本社", "%E6%A0%AA%E5%BC%8F%E4%BC%9A%E7%A4%BE%E6%97%A5"),
        (String(repeating: "😀", count: 11), String(repeating: "%F0%9F%98%80", count: 4)),
    ])
    func over120BytesItIsShortenedToWholeCharactersAndAHash(_ name: String, _ start: String) throws {
        let segment = Business(name).segment
        if segment == start { return }
        let hash = try run("sha256sum", input: Array(name.utf8)).text.prefix(64)
        #expect(segment == "\(start)~\(hash)")
        #expect(segment.utf8.count <= 120 && Business(segment: segment) == nil)
        let decoded = try run(
            "python3", ["-c", "import sys, urllib.parse as u; print(u.unquote(sys.argv[1], errors='strict'))", start])
        #expect(decoded.status == 0 && name.hasPrefix(decoded.lines[0]), "\(decoded.errors)")
    }

    @Test func namesThatDifferInNormalisationAreDistinct() {
        let (composed, decomposed) = (Business("Caf\u{e9}"), Business("Cafe\u{301}"))
        #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
        #expect(composed.segment == "Caf%C3%A9" && decomposed.segment == "Cafe%CC%81")
        #expect(Business(segment: "Cafe%CC%81") == decomposed)
    }

    @Test(arguments: ["%61", "%2f", "%", "%4", "%4G", "a/b", "é", "_x", ".x", "%FF", "a%C3", "a~b", "a%2F%"])
    func invalidSegmentsAreRejected(_ segment: String) { #expect(Business(segment: segment) == nil) }

    @Test func segmentsAreInjectiveAndStayInTheirFolder() {
        var generator = SeededGenerator()
        let pieces = ["a", "A", ".", "_", "/", "%", "~", "%2F", "é", "e\u{301}", "\u{1F600}", " ", "=", "%7E", "0"]
        var names: [String: [UInt8]] = [:]
        for _ in 0..<4000 {
            let count = Int.random(in: 1...(Bool.random(using: &generator) ? 4 : 60), using: &generator)
            let name = (0..<count).map { _ in pieces.randomElement(using: &generator)! }.joined()
            let segment = Business(name).segment
            #expect(segment.utf8.count <= 120 && !segment.hasPrefix(".") && !segment.hasPrefix("_"))
            #expect(segment.utf8.allSatisfy { $0 < 0x7f && $0 > 0x20 && $0 != UInt8(ascii: "/") })
            #expect(names.updateValue(Array(name.utf8), forKey: segment) ?? Array(name.utf8) == Array(name.utf8))
            if let read = Business(segment: segment) { #expect(read == .named(name)) }
        }
    }
}
