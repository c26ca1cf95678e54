import TestSupport
import Testing

/// What the page on engines says is run, on an archive with everything in it that an engine may read wrongly.
@Suite struct EnginesTests {
    static let examples = PageExample.all(of: "Sources/Archive/Archive.docc/Engines.md")

    @Test func eachSectionHasAnExample() {
        let engines = ["DuckDB", "polars", "pandas", "pyarrow", "chDB", "Spark", "SQLite", "jq", "zgrep"]
        #expect(Self.examples.map(\.section) == engines)
    }

    @Test(arguments: examples) func anEngineReadsEveryLine(_ example: PageExample) throws {
        try withWorkbench { bench in
            try bench.sweepEngineTraps()
            let wanted = ["108", "107", "6", "2026-06-11", "189151184349561118.65"]
            let isPython = example.language == "python"
            let result =
                isPython
                ? try run(python, ["-c", example.code], in: bench.folder.path) : try bench.sh(example.code)
            let words = result.text.split(whereSeparator: \.isWhitespace).map(String.init)
            #expect(!words.isEmpty && words == Array(wanted.prefix(words.count)), "\(result.text)\(result.errors)")
            // Where it can, an example prints all of it.
            #expect(words.count == (isPython ? 5 : example.section == "SQLite" ? 4 : words.count))
        }
    }
}
