import Archive
import Foundation
import TestSupport
import Testing
import Webhooks

@Suite struct EventLineTests {
    static func event(_ payload: String, _ change: (inout EventLine) -> Void = { _ in }) -> EventLine {
        let bytes = Array(payload.utf8)
        var line = EventLine(
            id: DeliveryID("019ab2c0-1111-7222-8333-444455556666")!, environment: .production, type: "NEW_BUSINESS",
            business: Business("acme"), time: Timestamp("2026-11-23T21:14:48.704Z")!, hash: ContentHash(of: bytes),
            pointer: "/data/business_id", key: nil, reduced: nil, headers: nil, payload: bytes)
        change(&line)
        return line
    }

    /// A line without its LF.
    private func text(_ line: EventLine) -> Substring { String(decoding: line.bytes, as: UTF8.self).dropLast() }

    @Test func membersAreInTheSpecifiedOrder() {
        let line = Self.event(#"{"event": "X"}"#) {
            $0.key = "k\"1"
            $0.reduced = ContentHash(of: [])
            $0.headers = #"{"a":"b"}"#
        }
        #expect(
            text(line)
                == #"{"specversion":"1.0","id":"019ab2c0-1111-7222-8333-444455556666","source":"/lehjah/production","#
                + #""type":"NEW_BUSINESS","subject":"acme","time":"2026-11-23T21:14:48.704Z","#
                + #""datacontenttype":"application/json","sha256":"\#(line.hash)","pointer":"/data/business_id","#
                + #""key":"k\"1","reduced":"\#(ContentHash(of: []))","headers":"{\"a\":\"b\"}","data":{"event": "X"}}"#)
    }

    @Test func absentMembersAreOmitted() {
        let line = Self.event("{}") {
            $0.business = .unassigned
            $0.pointer = nil
        }
        #expect(
            text(line).contains(#""type":"NEW_BUSINESS","time":"#)
                && text(line).hasSuffix(#"\#(line.hash)","data":{}}"#))
    }

    @Test(arguments: [
        #"{"n":9007199254740993,"m":-250.00,"big":123456789012345678901234567890,"e":1e400,"z":-0.0E-0}"#,
        #"{ "event" : "X" ,\#t"data":[ 1 , 2 ] }"#, #"{"event":"\u00e9\/","data":null}"#,
        #"{"data":{"data":{"a":"}"}}}"#,
        #"{"event":"X","data":",\"data\":"}"#, #"{"a":"é 日本 😀 \u2028 \\\" "}"#, "[]", "0", #""""#, " {} ",
    ])
    func thePayloadIsHadBackByteForByte(_ payload: String) throws {
        let line = Self.event(payload)
        let read = try EventLine(line.bytes.dropLast())
        #expect(read == line && read.payload == Array(payload.utf8))
        #expect(!text(line).contains("rawbody"))
        // With sed alone: the text between the first ,"data": and the last }.
        let sed = ["-E", #"s/,"data":/\n/; s/^[^\n]*\n//; s/}$//"#]
        #expect(try run("sed", sed, input: line.bytes).text == payload + "\n")
        let jq = try run("jq", ["-c", ".data"], input: line.bytes)
        #expect(try jq.status == 0 && jq.text == run("jq", ["-c", "."], input: Array(payload.utf8)).text)
    }

    @Test(arguments: ["{\n  \"event\": \"X\",\r\n  \"data\": \"a  b\"\n}\n", "\r{}", "{}\n", "{\"a\":\"\\n\"\n}"])
    func aMultilinePayloadIsStoredMinifiedAndRaw(_ payload: String) throws {
        let line = Self.event(payload)
        #expect(line.bytes.dropLast().allSatisfy { $0 != 10 && $0 != 13 })
        #expect(try EventLine(line.bytes.dropLast()) == line)
        let raw = try run("jq", ["-j", ".rawbody"], input: line.bytes).output
        #expect(try run("base64", ["-d"], input: raw).text == payload)
        let data = try run("jq", ["-c", ".data"], input: line.bytes).text
        #expect(try data == run("jq", ["-c", "."], input: Array(payload.utf8)).text)
    }

    /// No value before `data` can be taken for it, whatever it holds.
    @Test(arguments: [
        #",\"data\":{}"#, #","data":{"x":1}}"#, #"\"#, #"\\",\"data\":"#, "\u{0}\u{8}\u{c}\n\r\t\u{1f}\u{7f}", "🏦/é",
        #""}"#,
    ])
    func hostileValuesAreHadBackAndHideNothing(_ text: String) throws {
        let line = Self.event(#"{"event":"X","data":{"real":true}}"#) {
            $0.type = text
            $0.business = Business(text)
            $0.pointer = text
            $0.key = text
            $0.headers = text
        }
        let read = try EventLine(line.bytes.dropLast())
        #expect(read == line)
        #expect(read.key?.utf8.elementsEqual(text.utf8) == true)
        #expect(try run("jq", ["-c", ".data.data"], input: line.bytes).text == "{\"real\":true}\n")
        #expect(try run("jq", ["-j", ".subject"], input: line.bytes).output == Array(text.utf8))
    }

    @Test func anyPayloadIsReturnedByteForByte() throws {
        var generator = SeededGenerator()
        let pieces = [#"{"a":"#, "1e9", "}", " ", "\n", "\r\n", #""\\""#, #""é""#, ",", #","data":"#, "[", "]"]
        for _ in 0..<500 {
            let count = Int.random(in: 0..<12, using: &generator)
            let payload = (0..<count).map { _ in pieces.randomElement(using: &generator)! }.joined()
            #expect(try EventLine(Self.event(payload).bytes.dropLast()) == Self.event(payload))
        }
    }

    // MARK: - Broken lines

    @Test func aTruncatedLineIsRejectedOrHasAnotherHash() throws {
        for payload in [#"{"event":"X","data":{"a":{"b":{}}}}"#, "{\n}"] {
            let bytes = Self.event(payload).bytes
            for count in 0..<(bytes.count - 1) {
                guard let read = try? EventLine(bytes[..<count]) else { continue }
                #expect(ContentHash(of: read.payload) != read.hash, "\(count) bytes")
            }
        }
    }

    @Test(arguments: [
        (#""specversion":"1.0""#, #""specversion":"0.3""#), (#""id":"019ab2c0"#, #""id":"019AB2C0"#),
        ("/lehjah/production", "/lehjah/staging"), ("/lehjah/production", "/other/production"),
        ("21:14:48.704Z", "21:14:48Z"), (#""type":"NEW_BUSINESS","#, ""), (#""sha256":""#, #""sha256":"0"#),
        (#""subject":"acme""#, #""subject":"acme","subject":"acme""#), (#""subject":"acme""#, #""subject":null"#),
        (#""subject":"acme""#, #""subject":"\u+041""#), (#""subject":"acme""#, #""subject":"\x""#),
        (#""subject":"acme""#, #""subject":"\ud800""#), (#""pointer":"#, #""reduced":"12","pointer":"#),
        (#""pointer":"#, #""rawbody":"e30=","pointer":"#), (#""pointer":"#, #""rawbody":"*","pointer":"#),
        (#""subject":"acme","#, #""subject":"acme" ,"#), ("application/json", "text/json"),
        (#","data":{"#, #","date":{"#),
        (#"{"a":1}}"#, #"{"a":1}"#), (#"{"a":1}}"#, #"{"a":1}}x"#), (#"{"a":1}}"#, ""),
    ])
    func aLineThatIsNotAsItIsWrittenIsRefused(_ part: String, _ replacement: String) {
        let whole = String(text(Self.event(#"{"a":1}"#)))
        let broken = whole.replacingOccurrences(of: part, with: replacement)
        #expect(broken != whole)
        // The payload's own hash is for the caller to ask.
        let read = try? EventLine(Array(broken.utf8))
        #expect(read.map { ContentHash(of: $0.payload) == $0.hash } != true, "\(broken)")
    }

    @Test func foreignLinesAreRejectedWithAReason() throws {
        let whole = String(text(Self.event(#"{"a":1}"#)))
        for (line, reason) in [
            ("", "'{' is missing at byte 0"), ("{}", "'\"' is missing at byte 1"),
            (whole.replacingOccurrences(of: #","type":"NEW_BUSINESS""#, with: ""), "\"type\" is missing"),
            (String(whole.dropLast(2)) + "x", "it does not end with '}'"),
            (
                whole.replacingOccurrences(of: #""pointer""#, with: #""reduced":"x","pointer""#),
                "\"reduced\" is not a SHA-256"
            ),
        ] {
            let fault = #expect(throws: LineFault.self) { try EventLine(Array(line.utf8)) }
            #expect(fault?.description == reason)
        }
    }
}
