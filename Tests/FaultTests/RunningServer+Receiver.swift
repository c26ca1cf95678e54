import Foundation
import TestSupport

extension RunningServer {
    /// Starts a receiver, and waits until it listens or has ended.
    ///
    /// - Parameter tracing: strace(1) and its options; empty for none.
    static func receiver(
        spool: String, _ arguments: [String] = [], tracing: [String] = [], reserve: String? = "0"
    ) throws -> RunningServer {
        let command =
            tracing + ["\(buildFolder)/daybook-receiver", "--spool", spool, "--listen", "127.0.0.1:0"] + arguments
        return try RunningServer(
            RunningProgram(
                "env", command,
                environment: Strace.environment.merging(reserve.map { ["DAYBOOK_RESERVE": $0] } ?? [:]) { $1 }))
    }

    /// The ids of the receiver's threads that write.
    func writers() throws -> [Int] {
        let tasks = "/proc/\(identifier)/task"
        let writers = try FileManager.default.contentsOfDirectory(atPath: tasks).filter { task in
            let name = try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)
            return name?.hasPrefix("TP-#") ?? false
        }
        guard !writers.isEmpty else { throw SceneError(what: "the receiver has no thread that writes") }
        return writers.compactMap { Int($0) }
    }

    func post(_ delivery: Delivery) throws -> HTTPReply? { try delivery.send(to: port) }
}
