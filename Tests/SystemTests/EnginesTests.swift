import Foundation
import TestSupport
import Testing

/// What the page on engines says is run, on an archive with everything in it that an engine may read wrongly.
@Suite struct EnginesTests {
    struct Example: CustomTestStringConvertible {
        let engine: String
        let isPython: Bool
        let code: String

        var testDescription: String { engine }
    }

    /// The first block of code in each section of the page.
    static let examples: [Example] = {
        let page = "\(packageFolder)/Sources/Archive/Archive.docc/Engines.md"
        let text = (try? String(contentsOf: URL(filePath: page), encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n## ").dropFirst().compactMap { section in
            let parts = section.components(separatedBy: "```")
            guard parts.count > 1, let end = parts[1].firstIndex(of: "\n") else { return nil }
            return Example(
                engine: String(section.prefix { $0 != "\n" }), isPython: parts[1][..<end] == "python",
                code: String(parts[1][end...].dropFirst()))
        }
    }()

    /// Businesses, payloads with the members of a line, other types in other files, numbers beyond 2⁵³ and decimals, arrays,
    /// and a tombstone.
    private func fill(_ bench: Workbench) throws {
        let long = String(repeating: "長", count: 60)
        let names = ["acme", "株式会社", "a=b/c d", "_unassigned", "O'Brien", long, nil]
        let amounts = ["9007199254740993", "12.55", "0.10", #""n/a""#, "null"]
        for (day, business) in [1, 2, 3].flatMap({ day in names.map { (day, $0) } }) {
            for (number, amount) in amounts.enumerated() {
                let member = business.map { #","business_id":"\#($0)""# } ?? ""
                let clash = #""id":"x","subject":"x","time":7,"gone":"x","business":{"name":"x"}"#
                try bench.receive(
                    #"{"event":"X","n":"\#(day) \#(number)","data":{\#(clash),"amount":\#(amount)\#(member)}}"#,
                    at: "2026-06-1\(day)T10:00:0\(number)Z", "production")
            }
        }
        try bench.receive(
            #"{"event":"X","business_id":"acme","data":[1,{"amount":5}]}"#, at: "2026-06-11T11:00:00Z", "production")
        try bench.receive(
            #"{"event":"X","business_id":"acme","data":{"amount":{"amount":5}}}"#, at: "2026-06-11T11:00:01Z",
            "production")
        let id = try bench.receive(
            #"{"event":"X","business_id":"acme","data":{"amount":100}}"#, at: "2026-06-12T11:00:00Z", "production")
        try bench.sweep()
        try bench.sh("daybook erase --id \(id) --reason asked --yes").expectSuccess()
    }

    @Test func eachSectionHasAnExample() {
        let engines = ["DuckDB", "polars", "pandas", "pyarrow", "chDB", "Spark", "SQLite", "jq", "zgrep"]
        #expect(Self.examples.map(\.engine) == engines)
    }

    @Test(arguments: examples) func anEngineReadsEveryLine(_ example: Example) throws {
        try withWorkbench { bench in
            try fill(bench)
            let wanted = ["108", "107", "6", "2026-06-11", "189151184349561118.65"]
            let result =
                example.isPython
                ? try run(python, ["-c", example.code], in: bench.folder.path) : try bench.sh(example.code)
            let words = result.text.split(whereSeparator: \.isWhitespace).map(String.init)
            #expect(!words.isEmpty && words == Array(wanted.prefix(words.count)), "\(result.text)\(result.errors)")
            // Where it can, an example prints all of it.
            #expect(words.count == (example.isPython ? 5 : example.engine == "SQLite" ? 4 : words.count))
        }
    }
}
