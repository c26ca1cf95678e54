import Foundation
import TestSupport

/// Runs our programs under strace(1): to learn their system calls, and to have one of them fail.
enum Strace {
    /// Whether it is installed, and allowed to trace here.
    static let isUsable = (try? TestSupport.run("strace", ["-o", "/dev/null", "true"]).status) == 0
    static let whyNot = "strace is not installed, or this machine does not allow it to trace"

    /// Which system calls are written down: all that are about files, by path or by descriptor.
    static let ofFiles = "%file,%desc,sync,syncfs"

    /// A program's end, and what it did.
    struct Run {
        let result: ProgramResult
        let trace: Trace
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - injections: The values of `inject=`, each for a different system call.
    ///   - data: how many bytes of what is written to keep.
    static func run(
        _ program: String, _ arguments: [String], tracing calls: String = ofFiles, injections: [String] = [],
        data: Int = 0
    ) throws -> Run {
        let scratch = try TemporaryDirectory(inMemory: true)
        let options = options(output: scratch("trace"), tracing: calls, injections: injections, data: data)
        // What hangs is a fault, too, and shall not hang the tests.
        let result = try TestSupport.run(
            "timeout", ["-s", "KILL", "120", "strace"] + options + [program] + arguments, environment: environment)
        let trace = Trace(String(decoding: try scratch.read("trace"), as: UTF8.self))
        return Run(result: result, trace: trace)
    }

    /// Traces some threads of a program that runs, from here on.
    ///
    /// - Returns: strace itself, which ends with the threads.
    static func attach(to threads: [Int], output: String, injections: [String]) throws -> RunningProgram {
        let options = options(output: output, tracing: ofFiles, injections: injections).filter { $0 != "-f" }
        let strace = try RunningProgram("strace", options + threads.flatMap { ["-p", "\($0)"] })
        try waitUntil {
            let isTraced = try threads.allSatisfy { thread in
                let status = try String(contentsOfFile: "/proc/\(thread)/status", encoding: .utf8)
                return !status.contains("TracerPid:\t0\n")
            }
            return isTraced || !strace.isRunning
        }
        return strace
    }

    static func options(output: String, tracing calls: String, injections: [String], data: Int = 0) -> [String] {
        ["-f", "-y", "-s", "\(data)", "-e", "signal=none", "-e", "trace=\(calls)", "-o", output]
            + injections.flatMap { ["-e", "inject=\($0)"] }
    }

    /// Sets have the same order in every run, and one thread does the work, unless a flag asks for more: so the k-th use of a
    /// call is the same one in every run, too.
    static let environment = ["SWIFT_DETERMINISTIC_HASHING": "1", "DAYBOOK_THREADS": "1"]
}
