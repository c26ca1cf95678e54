import TestSupport
import Testing

/// The pages for man(1), as the programs write them.
@Suite struct ManualTests {
    let bench: Workbench
    init() throws { bench = try Workbench() }

    private static let programs = ["daybook", "daybook-receiver"]

    private func page(_ program: String) throws -> String {
        let result = try bench.sh("\(program) --generate-manual > \(program).1")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        return bench.folder("\(program).1")
    }

    @Test(arguments: programs) func manualsPassTheLinter(_ program: String) throws {
        let page = try page(program)
        for reader in ["man --warnings -E UTF-8 -P cat -l", "mandoc -T lint -W warning"] {
            let result = try bench.sh("\(reader) \(page) 2>&1 > read.txt")
            let said = result.text + (reader.contains("lint") ? try bench.sh("cat read.txt").text : "")
            #expect(result.status == 0 && said.isEmpty, "\(reader): \(said)")
        }
    }

    /// Whatever `--help` names, of the program and of each of its commands, is in that command's section.
    @Test(arguments: programs) func everyCommandAndFlagIsInTheManual(_ program: String) throws {
        let path = try page(program)
        let text = try bench.sh("MANWIDTH=200 man -E UTF-8 -P cat -l \(path) | col -b").text
        var sections: [String: String] = [:]
        var heading = ""
        for line in text.split(separator: "\n") {
            if let command = line.wholeMatch(of: #/   (daybook( [a-z]+)+)/#) { heading = String(command.1) }
            sections[heading, default: ""] += line + "\n"
        }
        var waiting = [program]
        var (commands, flags) = (0, 0)
        while let command = waiting.popLast() {
            let help = try bench.sh("\(command) --help").text
            let section = try #require(sections[command == program ? "" : command], "\(command)")
            for flag in help.matches(of: #/^ +(?:-\w, )?(--[a-z-]+)/#.anchorsMatchLineEndings()) {
                flags += 1
                if command != program, ["--help", "--version"].contains(flag.1) { continue }
                #expect(section.contains(flag.1), "\(command) \(flag.1)")
            }
            guard let list = help.firstRange(of: "SUBCOMMANDS:\n") else { continue }
            for name in help[list.upperBound...].matches(of: #/^  ([a-z]+) /#.anchorsMatchLineEndings()) {
                commands += 1
                waiting.append("\(command) \(name.1)")
            }
        }
        #expect(program == "daybook" ? commands > 20 && flags > 60 : commands == 0 && flags > 20)
    }
}
