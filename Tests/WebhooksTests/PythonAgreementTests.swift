import Foundation
import TestSupport
import Testing
import Webhooks

/// Compares the scanner with a widely used parser: Python's `json`, with Daybook's stricter rules added.
@Suite struct PythonAgreementTests {
    private static let python = "/usr/bin/python3"

    /// Reads payloads as lines of hex, and prints `1` for each valid one and `0` for each invalid one.
    ///
    /// It adds only the rules that Python's `json` lacks: no duplicate name in an object, no NaN or Infinity, no lone
    /// surrogate, at most 512 levels. Python itself rejects invalid UTF-8 and a byte order mark.
    private static let script = #"""
        import json, sys

        def unique(pairs):
            if len({name for name, _ in pairs}) < len(pairs): raise ValueError("double name")
            return dict(pairs)

        def refuse(constant): raise ValueError(constant)

        def check(value, depth):
            if isinstance(value, str): value.encode("utf-8")
            if isinstance(value, (dict, list)):
                if depth == 512: raise ValueError("too deep")
                for inner in value.values() if isinstance(value, dict) else value: check(inner, depth + 1)
                if isinstance(value, dict):
                    for name in value: name.encode("utf-8")

        sys.setrecursionlimit(5000)
        for line in sys.stdin:
            try:
                text = bytes.fromhex(line).decode("utf-8")
                check(json.loads(text, object_pairs_hook=unique, parse_constant=refuse, parse_int=float, parse_float=float), 0)
                print(1)
            except (ValueError, RecursionError):
                print(0)
        """#

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: python)))
    func agreesWithPython() throws {
        var random = SeededGenerator("agreesWithPython")
        var bodies: [[UInt8]] = []
        for _ in 0..<800 {
            var bytes = JSONTree.random(depth: 4, names: ["a", "b", "ab", "é"], &random).spaced(&random)
            for _ in 0..<Int.random(in: 0...2, using: &random) { RandomPayloadTests.mutate(&bytes, &random) }
            bodies.append(bytes)
        }
        // The seeds of the fuzzer and mutations of them: thousands of texts that are nearly payloads.
        let seeds = try Self.seeds()
        bodies += seeds
        for _ in 0..<4000 {
            var bytes = random.pick(seeds)
            for _ in 0..<Int.random(in: 1...3, using: &random) { RandomPayloadTests.mutate(&bytes, &random) }
            bodies.append(bytes)
        }
        for depth in [510, 511, 512, 513, 800] {
            bodies.append(Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8))
        }
        let texts = [
            "NaN", "-Infinity", "1e400", "\u{FEFF}1", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "{\"a\":1,\"\\u0061\":1}",
            "",
        ]
        bodies += texts.map { Array($0.utf8) }

        let input = bodies.map { Hex.encode($0) + "\n" }.joined()
        let verdicts = try run(Self.python, ["-c", Self.script], input: Array(input.utf8)).lines
        try #require(verdicts.count == bodies.count)

        for (body, verdict) in zip(bodies, verdicts) {
            var fault: PayloadFault?
            do throws(PayloadFault) { try JSONText.validate(body) } catch { fault = error }
            #expect(
                (fault == nil) == (verdict == "1"),
                "\(fault?.description ?? "accepted"): \(String(decoding: body.prefix(600), as: UTF8.self))")
        }
        let accepted = verdicts.count { $0 == "1" }
        #expect(accepted > 500 && verdicts.count - accepted > 500, "\(accepted) of \(verdicts.count)")
    }

    private static func seeds() throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzzing/Seeds/payload")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .map { Array(try Data(contentsOf: folder.appending(path: $0))) }
    }
}
