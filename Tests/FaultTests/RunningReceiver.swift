import Foundation
import TestSupport

/// A `daybook-receiver` that runs, under strace(1) or by itself.
final class RunningReceiver {
    private let program: RunningProgram
    /// 0 where it does not listen.
    private(set) var port = 0

    /// Starts one, and waits until it listens or has ended.
    ///
    /// - Parameter tracing: strace(1) and its options; empty for none.
    init(spool: String, _ arguments: [String] = [], tracing: [String] = [], reserve: String? = "0") throws {
        let command =
            tracing + ["\(buildFolder)/daybook-receiver", "--spool", spool, "--listen", "127.0.0.1:0"] + arguments
        program = try RunningProgram(
            "env", command,
            environment: Strace.environment.merging(reserve.map { ["DAYBOOK_RESERVE": $0] } ?? [:]) { $1 })
        try waitUntil {
            let isRunning = program.isRunning
            if let match = errors.firstMatch(of: /listening on http:\/\/127\.0\.0\.1:([0-9]+)/) {
                port = Int(match.1)!
            }
            return port != 0 || !isRunning
        }
    }

    /// What it said.
    var errors: String { (try? program.errors) ?? "" }

    /// Of the receiver itself; where strace started it, that is a child of what was started here.
    private var identifier: pid_t {
        let started = program.identifier
        let children = try? String(contentsOfFile: "/proc/\(started)/task/\(started)/children", encoding: .utf8)
        return children?.split(separator: " ").first.flatMap { pid_t($0) } ?? started
    }

    /// The threads that write.
    func writers() throws -> [Int] {
        let tasks = "/proc/\(identifier)/task"
        let writers = try FileManager.default.contentsOfDirectory(atPath: tasks).filter { task in
            let name = try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)
            return name?.hasPrefix("TP-#") ?? false
        }
        guard !writers.isEmpty else { throw SceneError(what: "the receiver has no thread that writes") }
        return writers.compactMap { Int($0) }
    }

    func post(_ delivery: Delivery) throws -> HTTPExchange? { try delivery.send(to: port) }

    func get(_ path: String) throws -> HTTPExchange? { try HTTPExchange.send("GET", path, to: port) }

    /// Sends it a signal, unless it has ended, and waits for the end.
    ///
    /// - Returns: its exit code, or 128 and the number of the signal that ended it.
    @discardableResult
    func stop(by signal: Int32 = SIGTERM) throws -> Int32 {
        if program.isRunning { kill(identifier, signal) }
        return try program.end().status
    }

    var isRunning: Bool { program.isRunning }
}

/// A body that a sender sends.
struct Delivery: Sendable {
    var environment = "production"
    var headers: [String: String] = [:]
    private(set) var body: [UInt8]

    init(_ text: String, to environment: String = "production", headers: [String: String] = [:]) {
        body = Array(text.utf8)
        self.environment = environment
        self.headers = headers
    }

    /// The same with other bytes, of the same event.
    var another: Delivery {
        var other = self
        other.body.append(UInt8(ascii: " "))
        return other
    }

    func send(to port: Int) throws -> HTTPExchange? {
        try HTTPExchange.send("POST", "/webhooks/\(environment)", to: port, headers: headers, body: body)
    }
}

/// Waits until something is so; gives up after a minute.
func waitUntil(line: Int = #line, _ condition: () throws -> Bool) throws {
    for _ in 0..<12_000 {
        if try condition() { return }
        usleep(5_000)
    }
    throw SceneError(what: "waited for a minute in vain, at line \(line)")
}
