import Archive
import Foundation
import TestSupport
import Testing
import Webhooks

@Suite struct LedgerLineTests {
    static let id = DeliveryID("019ab3c0-1111-7222-8333-444455556666")!
    static let event = DeliveryID("019ab2c0-1111-7222-8333-444455556666")!
    static let time = Timestamp("2026-11-23T21:14:48.704Z")!
    static let hash = ContentHash(of: [])

    static let lines: [(LedgerLine, String)] = [
        (
            .redelivery(.init(id: id, of: event, time: time, hash: hash, differing: nil)),
            #"{"kind":"redelivery","id":"\#(id)","of":"\#(event)","time":"\#(time)","sha256":"\#(hash)"}"#
        ),
        (
            .redelivery(.init(id: id, of: event, time: time, hash: hash, differing: Array("{\r\n}".utf8))),
            #"{"kind":"redelivery","id":"\#(id)","of":"\#(event)","time":"\#(time)","sha256":"\#(hash)","rawbody":"ew0KfQ=="}"#
        ),
        (
            .quarantine(.init(id: id, time: time, hash: hash, size: 9, reason: "syntax: \"x\"\u{1}", at: 17)),
            #"{"kind":"quarantine","id":"\#(id)","time":"\#(time)","sha256":"\#(hash)","size":9,"#
                + #""reason":"syntax: \"x\"\u0001","at":17}"#
        ),
        (
            .quarantine(.init(id: id, time: time, hash: hash, size: 0, reason: "é", at: nil)),
            #"{"kind":"quarantine","id":"\#(id)","time":"\#(time)","sha256":"\#(hash)","size":0,"reason":"é"}"#
        ),
        (.release(.init(id: id, by: "ada", at: time)), #"{"kind":"release","id":"\#(id)","by":"ada","at":"\#(time)"}"#),
        (
            .discard(.init(id: id, by: "o'\"b", at: time)),
            #"{"kind":"discard","id":"\#(id)","by":"o'\"b","at":"\#(time)"}"#
        ),
    ]

    @Test(arguments: lines) func isWrittenAsSpecifiedAndParsed(_ line: LedgerLine, _ text: String) throws {
        #expect(String(decoding: line.bytes, as: UTF8.self) == text + "\n")
        #expect(try LedgerLine(Array(text.utf8)) == line)
        #expect(line.id == Self.id)
        #expect(try run("jq", ["-c", "."], input: line.bytes).text == text + "\n")
    }

    @Test(arguments: lines) func aTruncatedLineIsRejected(_ line: LedgerLine, _ text: String) {
        for count in 0..<text.utf8.count {
            #expect(throws: LineFault.self, "\(count) bytes") { try LedgerLine(line.bytes[..<count]) }
        }
    }

    @Test(arguments: [
        (#""kind":"redelivery""#, #""kind":"delivery""#), (#""kind":"redelivery","#, ""), (#""of":"019"#, #""of":"19"#),
        (#""sha256":""#, #""sha256":"F"#), (#"ew0KfQ=="#, "ew0KfQ="), ("21:14:48.704Z", "24:00:00.000Z"),
        (#""size":9"#, #""size":"x""#), (#""size":9"#, #""size":-9"#), (#""size":9"#, #""size":99999999999999999999"#),
        (#""at":17"#, #""at":{"a":1}"#), (#""at":17"#, #""at":1.5"#), (#""at":17"#, #""at":"x""#),
        (#""at":17"#, #""at":99999999999999999999"#),
        (#"}"#, "}}"), (#"}"#, "} "), (#""by":"ada","#, ""), ("{", "[{"), (#""id":"#, #""id":"x","id":"#),
        (#""id":"#, #""x":{},"id":"#),
    ])
    func aLineThatIsNotAsItIsWrittenIsRefused(_ part: String, _ replacement: String) {
        let broken = Self.lines.map(\.1).filter { $0.contains(part) }
        #expect(!broken.isEmpty)
        for text in broken {
            let line = text.replacingOccurrences(of: part, with: replacement)
            #expect(throws: LineFault.self, "\(line)") { try LedgerLine(Array(line.utf8)) }
        }
    }
}
