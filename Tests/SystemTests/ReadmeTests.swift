import Foundation
import TestSupport
import Testing

/// The README's commands do what it says, to the letter.
@Suite struct ReadmeTests {
    struct Step {
        let command: String
        var expected: [String] = []
    }

    private var readme: String {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            return try String(
                contentsOf: root.deletingLastPathComponent().appending(path: "README.md"), encoding: .utf8)
        }
    }

    /// What stands between a line that starts with a fence of this kind and the one that ends it.
    private func blocks(_ kind: String) throws -> [Substring] {
        try readme.components(separatedBy: "```\(kind)\n").dropFirst().map { $0[..<$0.range(of: "```")!.lowerBound] }
    }

    /// All `console` blocks, run in order in one shell in an empty folder. `…` stands for whatever varies.
    @Test func theConsoleBlocksPrintWhatTheySay() throws {
        var steps: [Step] = []
        for line in try blocks("console").flatMap({ $0.split(separator: "\n") }) {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else {
                steps[steps.count - 1].expected.append(String(line))
            }
        }
        let mark = "-- step --"
        let script = steps.map { "echo '\(mark)'\n{ \($0.command)\n} 2>&1\n" }.joined()
        let folder = try TemporaryDirectory()
        let path = "\(buildFolder):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        let result = try run(
            "bash", ["-s"], in: folder.path, input: Array(script.utf8), environment: ["PATH": path, "TZ": "UTC"])
        let printed = result.text.components(separatedBy: "\(mark)\n").dropFirst()
        #expect(printed.count == steps.count, "\(result.errors)")
        for (step, text) in zip(steps, printed) {
            let lines = text.split(separator: "\n").map(String.init)
            #expect(
                lines.count == step.expected.count && zip(lines, step.expected).allSatisfy(matches),
                "$ \(step.command)\n\(text)")
        }
    }

    private func matches(_ line: String, _ pattern: String) -> Bool {
        var rest = line[...]
        let parts = pattern.components(separatedBy: "…")
        guard rest.hasPrefix(parts[0]) else { return false }
        rest = rest.dropFirst(parts[0].count)
        for part in parts.dropFirst() where !part.isEmpty {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.isEmpty || parts.count > 1 && parts.last == ""
    }

    /// The schema is a contract: what is printed is what is made.
    @Test func theSchemaIsThatOfTheIndex() throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array(#"{"event":"E","data":{}}"#.utf8), to: "spool/production/new/a")
        #expect(try run("\(buildFolder)/daybook", ["sweep"], in: folder.path).status == 0)
        let schema = try run("sqlite3", ["-readonly", folder("archive/index.sqlite"), ".schema"]).text
        func normal(_ text: some StringProtocol) -> Set<String> {
            Set(text.components(separatedBy: ";\n").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
        }
        let told = normal(try #require(try blocks("sql").first) + "\n")
        let made = normal(schema).filter { !$0.contains("grdb_migrations") }
        // SQLite tells a view's columns after its statement.
        #expect(told.subtracting([""]) == Set(made.map { $0.components(separatedBy: "\n/*")[0] }).subtracting([""]))
    }
}
