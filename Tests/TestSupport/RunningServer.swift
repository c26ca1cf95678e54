internal import Foundation
package import Glibc

/// A `daybook-receiver` or a `daybook serve` that runs beside the test, by itself or under strace(1).
package final class RunningServer {
    private let program: RunningProgram
    /// Such as `http://127.0.0.1:8080`; empty if the program ended before it listened.
    package private(set) var url = ""
    /// 0 if the program ended before it listened.
    package var port: Int { url.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

    package struct DoesNotListen: Error { let errors: String }

    /// Waits until the program listens or has ended.
    package init(_ program: RunningProgram) throws {
        self.program = program
        try waitUntil {
            let isRunning = program.isRunning
            if let listening = errors.firstMatch(of: #/info: listening on (\S+)\n/#) { url = String(listening.1) }
            return !url.isEmpty || !isRunning
        }
    }

    /// Waits until the program listens.
    ///
    /// - Throws: `DoesNotListen` if it has ended instead.
    package convenience init(listening program: RunningProgram) throws {
        try self.init(program)
        guard port != 0 else { throw DoesNotListen(errors: errors) }
    }

    package var isRunning: Bool { program.isRunning }

    /// What it has written to stderr so far.
    package var errors: String { (try? program.errors) ?? "" }

    /// The server's own process: if strace(1) started it, that is a child of the program.
    package var identifier: pid_t {
        let started = program.identifier
        let children = try? String(contentsOfFile: "/proc/\(started)/task/\(started)/children", encoding: .utf8)
        return children?.split(separator: " ").first.flatMap { pid_t($0) } ?? started
    }

    /// The most memory that it had resident so far, in kilobytes (proc(5)).
    package var peakMemory: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
            return status.firstMatch(of: #/VmHWM:\s+(\d+) kB/#).flatMap { Int($0.1) } ?? 0
        }
    }

    /// Sends a delivery with curl.
    ///
    /// - Parameter path: below `/webhooks/`.
    /// - Returns: the status of the answer.
    package func post(_ payload: some StringProtocol, to path: String, headers: [String] = []) throws -> Int? {
        let options = ["-sS", "-m", "60", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@-"]
        let result = try run(
            "curl", options + ["\(url)/webhooks/\(path)"] + headers.flatMap { ["-H", $0] },
            input: Array(payload.utf8))
        return Int(result.text)
    }

    /// Sends one request on a new connection.
    ///
    /// - Returns: nil if the connection ended without a whole reply.
    package func get(_ path: String) throws -> HTTPReply? {
        try HTTPConnection.send("GET", path, to: port)
    }

    /// Sends a signal, and waits for the server's end.
    @discardableResult
    package func stop(by signal: Int32 = SIGTERM) throws -> ProgramResult {
        send(signal)
        return try program.end()
    }

    /// Sends a signal, unless the server has ended.
    package func send(_ signal: Int32) {
        if program.isRunning { kill(identifier, signal) }
    }
}
