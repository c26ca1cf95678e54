internal import Configuring
internal import Foundation
internal import Glibc

/// Prints the demo's text and commands, and runs the commands in a shell exactly as printed.
struct DemoShell {
    let environment: [String: String]
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    /// - Parameter path: The folder that contains the programs.
    init(path: String) {
        environment = ProcessInfo.processInfo.environment.merging(
            ["PATH": "\(path):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"]
        ) { $1 }.filter { !$0.key.hasPrefix("DAYBOOK_") }
    }

    /// Writes to stdout at once, so that it precedes what the next program writes there.
    func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    func title(_ text: String) {
        say("\n" + bold("── \(text) \(String(repeating: "─", count: max(0, 76 - text.count)))"))
    }

    func show(_ command: String) { say(bold("$ \(command)")) }

    private func bold(_ text: String) -> String { isTerminal ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// Prints a command and runs it.
    func run(_ command: String) async throws {
        show(command)
        try await run(["sh", "-c", command])
    }

    /// Puts files into `tmp/`, each with a modification time that states when it was received.
    func place(_ files: [DemoDeliveries.Backfill]) async throws {
        let script = #"cat > "spool/production/tmp/$1" && touch -d "$2" "spool/production/tmp/$1""#
        for file in files { try await run(["sh", "-c", script, "sh", file.name, file.time], input: file.body) }
    }

    private func run(_ arguments: [String], input: String = "") async throws {
        let pipe = Pipe()
        let process = try DemoProcess(arguments, environment: environment, input: pipe)
        // A pipe has room for any body of the demo, so this write does not block.
        try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipe.fileHandleForWriting.close()
        let status = await process.end()
        guard status == 0 else { throw Failure(.data, "`\(arguments.joined(separator: " "))` ended with \(status)") }
    }
}
