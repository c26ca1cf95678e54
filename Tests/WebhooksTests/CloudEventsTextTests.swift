import Testing
import Webhooks

@Suite struct CloudEventsTextTests {
    @Test(arguments: [
        "", "NEW_BUSINESS", " ~", "é", "ọ́", "😀", "\u{A0}", "\u{E000}", "\u{FFFD}", "\u{2028}", "\u{10FFFD}",
    ])
    func allows(_ text: String) {
        #expect(CloudEventsText.allows(text))
    }

    @Test(
        arguments: [
            0x00, 0x0A, 0x1F, 0x7F, 0x80, 0x9F, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0xFFFFE, 0x10FFFE,
            0x10FFFF,
        ] as [UInt32])
    func forbids(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(!CloudEventsText.allows(String(scalar)))
        #expect(!CloudEventsText.allows("é" + String(scalar) + "x"))
    }
}
