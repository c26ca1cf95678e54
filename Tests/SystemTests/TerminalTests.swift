import TestSupport
import Testing

/// What people see at a terminal of 80 columns, by script(1), and what a pipe gets.
@Suite struct TerminalTests {
    let bench: Workbench

    init() throws {
        bench = try Workbench()
        for (number, business) in [
            "acme", "acme", "acme", "a business whose name is much longer than a line has room for",
        ].enumerated() {
            try bench.receive(
                #"{"event":"RECORD_CREATED","data":{"business_id":"\#(business)","n":\#(number)}}"#,
                at: "2025-03-0\(1 + number / 2)T10:00:00Z")
        }
        try bench.sweep()
    }

    private func onTerminal(_ command: String, _ environment: [String: String] = [:]) throws -> String {
        let result = try bench.sh(
            "script -qec 'stty cols 80; \(command)' /dev/null < /dev/null",
            environment: ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 })
        #expect(result.status == 0, "\(result.text)")
        return result.text.replacing("\r\n", with: "\n")
    }

    private static let drawn: Set<Character> = Set("▏▎▍▌▋▊▉█▁▂▃▄▅▆▇")

    @Test(arguments: ["list", "stats", "events"]) func linesKeepToTheWidth(_ command: String) throws {
        let text = try onTerminal("daybook \(command)")
        #expect(text.contains("acme"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test(arguments: ["list", "stats"]) func barsAreOnlyForTerminals(_ command: String) throws {
        #expect(try onTerminal("daybook \(command)").contains(where: Self.drawn.contains))
        for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            #expect(try !onTerminal("daybook \(command)", [name: value]).contains(where: Self.drawn.contains))
        }
        let piped = try bench.daybook(command).text
        #expect(!piped.contains(where: Self.drawn.contains) && piped.contains("longer than a line has room for"))
    }

    @Test func pipedEventsAreLinesOfTheArchive() throws {
        let piped = try bench.daybook("events").lines
        #expect(try Set(piped) == Set(bench.archivedLines()) && piped.count == 4)
        #expect(try onTerminal("daybook events --json").split(separator: "\n").map(String.init) == piped)
        #expect(try onTerminal("daybook events").hasPrefix("2025-03-0"))
    }

    @Test(arguments: ["daybook", "daybook-receiver"]) func shellsAcceptTheCompletions(_ program: String) throws {
        let result = try bench.sh("\(program) --generate-completion-script bash | bash -n")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    }
}
