import Foundation
import TestSupport
import Testing

/// The commands of every page print what the page says, its links lead somewhere, and the README is one page.
@Suite struct DocumentationTests {
    struct Step {
        var command: String
        var expected: [String] = []
    }

    private static let readme = "README.md"

    /// Every page of the documentation, by its path in the package.
    static let pages: [String] = {
        let catalogs =
            (FileManager.default.enumerator(atPath: "\(packageFolder)/Sources")?.allObjects as? [String] ?? [])
            .filter { $0.contains(".docc/") && $0.hasSuffix(".md") }.map { "Sources/\($0)" }.sorted()
        return [readme] + catalogs + ["Tests/FaultTests/README.md", "Benchmarks/README.md"]
    }()

    private func text(of page: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(packageFolder)/\(page)"), encoding: .utf8)
    }

    /// Returns what is between each line that starts with a fence of this kind and the fence that ends it.
    private func blocks(_ kind: String, of page: String) throws -> [Substring] {
        try text(of: page).components(separatedBy: "```\(kind)\n").dropFirst().map {
            $0[..<(try #require($0.range(of: "```"))).lowerBound]
        }
    }

    private func steps(of page: String) throws -> [Step] {
        var steps: [Step] = []
        for line in try blocks("console", of: page).flatMap({ $0.split(separator: "\n") }) {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if line.hasPrefix("> ") {
                steps[steps.count - 1].command += "\n\(line.dropFirst(2))"
            } else {
                steps[steps.count - 1].expected.append(String(line))
            }
        }
        return steps
    }

    static let pagesWithCommands = pages.filter { page in
        (try? String(contentsOf: URL(filePath: "\(packageFolder)/\(page)"), encoding: .utf8))?.contains("```console\n")
            ?? false
    }

    @Test func pagesHaveConsoleBlocks() {
        #expect(Self.pages.count > 15 && Self.pagesWithCommands.contains(Self.readme))
    }

    /// The `console` blocks of a page run in order, in one shell, in an empty folder. A page other than the README continues the
    /// README's quick start. A line that begins with `> ` continues a command. `…` is whatever varies.
    @Test(arguments: pagesWithCommands) func consoleBlocksPrintTheirOutput(_ page: String) throws {
        let steps = try (page == Self.readme ? [] : steps(of: Self.readme)) + steps(of: page)
        let mark = "-- step --"
        let script = steps.map { "echo '\(mark)'\n{ \($0.command)\n} 2>&1\n" }.joined()
        let folder = try TemporaryDirectory()
        let path = "\(buildFolder):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        let result = try run(
            "bash", ["-s"], in: folder.path, input: Array(script.utf8),
            environment: ["PATH": path, "TZ": "UTC", "DAYBOOK_PYTHON": python])
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

    @Test func theReadmeIsOnePage() throws {
        #expect(try text(of: Self.readme).utf8.count <= 9216)
    }

    /// Links with a scheme lead elsewhere, and `doc:` links are checked by `docc convert`.
    @Test(arguments: pages) func linksLeadToFiles(_ page: String) throws {
        let folder = URL(filePath: "\(packageFolder)/\(page)").deletingLastPathComponent()
        for link in try text(of: page).matches(of: /\]\(([^)]+)\)/).map({ String($0.1) }) where !link.contains(":") {
            let path = folder.appending(path: String(link.prefix { $0 != "#" })).standardized.path
            #expect(FileManager.default.fileExists(atPath: path), "\(link)")
        }
    }

    /// The README links every article, so that none is out of reach.
    @Test func theReadmeLinksEveryArticle() throws {
        let readme = try text(of: Self.readme)
        for page in Self.pages.dropFirst() {
            let parts = page.split(separator: "/")
            let isLanding = parts.count == 4 && parts[2] == "\(parts[1]).docc" && parts[3] == "\(parts[1]).md"
            #expect(isLanding || readme.contains("](\(page))"), "\(page)")
        }
    }

    /// The schema is a contract: the page prints what the index has.
    @Test func theSchemaPageMatchesTheIndex() throws {
        let folder = try TemporaryDirectory()
        try folder.write(Array(#"{"event":"E","data":{}}"#.utf8), to: "spool/production/new/a")
        #expect(try run("\(buildFolder)/daybook", ["sweep"], in: folder.path).status == 0)
        let schema = try run("sqlite3", ["-readonly", folder("archive/_index.sqlite"), ".schema"]).text
        func normal(_ text: some StringProtocol) -> Set<String> {
            Set(text.components(separatedBy: ";\n").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) })
        }
        let page = "Sources/ArchiveIndex/ArchiveIndex.docc/Schema.md"
        let documented = normal(try #require(try blocks("sql", of: page).first) + "\n")
        let actual = normal(schema).filter { !$0.contains("grdb_migrations") }
        // SQLite prints a view's columns after its statement.
        #expect(
            documented.subtracting([""]) == Set(actual.map { $0.components(separatedBy: "\n/*")[0] }).subtracting([""]))
    }
}
