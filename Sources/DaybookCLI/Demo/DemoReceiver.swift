internal import Configuring
internal import Foundation

/// A `daybook-receiver` for the demo, which never outlives it.
final class DemoReceiver {
    let port: Int
    private let process: DemoProcess
    /// The write end of a pipe. The receiver is stopped when it closes, which the kernel does however the demo
    /// ends.
    private let leash = Pipe()

    /// A shell script that stops the receiver with SIGTERM when stdin ends, and returns its status. A minute is
    /// more than a demo takes.
    private static let guardian = """
        exec 3<&0
        timeout 60 "$@" 3<&- & receiver=$!
        { read -r line; kill "$receiver"; } <&3 >/dev/null 2>&1 & guard=$!
        wait "$receiver"; status=$?
        kill "$guard" 2>/dev/null
        exit "$status"
        """

    /// Starts the receiver, and returns when it listens.
    init(_ command: String, _ shell: DemoShell) throws {
        let log = Pipe()
        process = try DemoProcess(
            ["sh", "-c", Self.guardian, "sh"] + command.split(separator: " ").map(String.init),
            environment: shell.environment, input: leash, errors: log)
        var said = ""
        while !said.contains("\n") {
            let more = log.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += String(decoding: more, as: UTF8.self)
        }
        guard let found = said.firstMatch(of: #/listening on http://127\.0\.0\.1:(\d+)\n/#), let port = Int(found.1)
        else {
            throw Failure(.unavailable, "daybook-receiver does not start: \(said.split(separator: "\n").first ?? "")")
        }
        self.port = port
    }

    /// Stops the receiver gracefully.
    func stop() async throws {
        try leash.fileHandleForWriting.close()
        let status = await process.end()
        guard status == 0 else { throw Failure(.unavailable, "daybook-receiver ended with \(status)") }
    }
}
