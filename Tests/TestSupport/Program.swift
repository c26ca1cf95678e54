internal import Foundation
internal import Glibc

/// What a program said and how it ended.
package struct ProgramResult: Sendable {
    /// 128 and the signal, where one ended it.
    package let status: Int32
    package let output: [UInt8]
    package let errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// What it printed, read as JSON.
    package func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(output))
    }
}

/// Runs a program to its end, by its path or by its name on the PATH.
///
/// - Parameter environment: added to that of the tests.
package func run(
    _ program: String, _ arguments: [String] = [], in folder: String? = nil, input: [UInt8] = [],
    environment: [String: String] = [:]
) throws -> ProgramResult {
    try RunningProgram(program, arguments, in: folder, input: input, environment: environment).end()
}

/// A program that runs beside the test. Let go of before it has ended, it is killed.
package final class RunningProgram {
    private let process = Process()
    private let scratch: TemporaryDirectory
    private let ended = DispatchSemaphore(value: 0)

    package init(
        _ program: String, _ arguments: [String] = [], in folder: String? = nil, input: [UInt8] = [],
        environment: [String: String] = [:]
    ) throws {
        process.executableURL = URL(filePath: program.contains("/") ? program : "/usr/bin/env")
        process.arguments = (program.contains("/") ? [] : [program]) + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = URL(filePath: folder) }
        // Files, not pipes: a program that writes much to both cannot block on one of them.
        scratch = try TemporaryDirectory()
        try scratch.write(input, to: "in")
        try scratch.write([], to: "out")
        try scratch.write([], to: "err")
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: scratch("in")))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: scratch("out")))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: scratch("err")))
        // Waiting by `waitUntilExit` would be a busy loop here: the thread's run loop has nothing else to wait for.
        process.terminationHandler = { [ended] _ in ended.signal() }
        // The threads of the Swift runtime block signals, and a child inherits that: it could not be told to end.
        var (none, own) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &own)
        defer { pthread_sigmask(SIG_SETMASK, &own, nil) }
        try process.run()
    }

    deinit { send(SIGKILL) }

    package var isRunning: Bool { process.isRunning }

    /// The directory of procfs(5) that tells of it.
    package var processFolder: String { "/proc/\(process.processIdentifier)" }

    package func send(_ signal: Int32) {
        if process.isRunning { kill(process.processIdentifier, signal) }
    }

    /// What it has said so far on stderr.
    package var errors: String { get throws { String(decoding: try scratch.read("err"), as: UTF8.self) } }

    /// Waits until it has ended.
    package func end() throws -> ProgramResult {
        ended.wait()
        ended.signal()
        return ProgramResult(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: try scratch.read("out"), errors: try errors)
    }
}

/// Where the programs that are built with the tests stand.
package var buildFolder: String {
    // The tests' own bundle lies beside them.
    let arguments = ProcessInfo.processInfo.arguments
    let bundle = arguments.first { $0.hasSuffix(".xctest") } ?? arguments[0]
    return URL(filePath: bundle).deletingLastPathComponent().path
}

/// The folder of `Package.swift`.
package let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

/// Python with the packages that `.ci/install tests` installs.
package let python = "\(packageFolder)/.build/venv/bin/python"
