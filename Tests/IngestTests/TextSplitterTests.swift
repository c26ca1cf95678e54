import Foundation
import TestSupport
import Testing

@testable import Ingest

struct TextSplitterTests {
    /// Splits a text that arrives in pieces of one size.
    private func split(_ text: String, _ form: TextSplitter.Form, by size: Int) throws -> [String] {
        var splitter = TextSplitter(form)
        var texts: [String] = []
        func take(_ text: TextSplitter.Text) {
            if case .whole(let bytes) = text { texts.append(String(decoding: bytes, as: UTF8.self)) }
        }
        let bytes = Data(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try splitter.add(bytes[start..<min(start + size, bytes.count)], take)
        }
        try splitter.finish(take)
        return texts
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func lines(size: Int) throws {
        let texts = try split("\n{\"a\":1}\r\n  \n\t[2] \nlast", .lines, by: size)
        #expect(texts == ["{\"a\":1}", "[2]", "last"])
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func elements(size: Int) throws {
        let text = #" [ {"a":[1,2],"b":"],\"[{"} ,{"c":"\\"}, 3 ,[ ] , "x,y" ] "#
        let texts = try split(text, .array, by: size)
        #expect(texts == [#"{"a":[1,2],"b":"],\"[{"}"#, #"{"c":"\\"}"#, "3", "[ ]", #""x,y""#])
        #expect(try split("[]", .array, by: size).isEmpty)
    }

    /// Nothing of such a file is left out silently.
    @Test(arguments: [
        ##"[{"a":1},{"b":"##, "[1,2", ##"["unended]"##, "[1]\n[2]", "[1] x", "x [1]", ##"{"data":[1]}"##, "[{}}", "",
        " ",
    ])
    func brokenArrays(text: String) {
        #expect(throws: TextSplitter.Fault.self) { try split(text, .array, by: 3) }
    }
}
