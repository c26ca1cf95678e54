internal import Dispatch
internal import Foundation
package import Glibc
internal import Synchronization

/// What a program said and how it ended.
package struct ProgramResult: Sendable {
    /// 128 and the signal, where one ended it.
    package let status: Int32
    package let output: [UInt8]
    package let errors: String
    /// In kilobytes, of memory that was resident at a time (getrusage(2)).
    package let peakMemory: Int

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
///
/// By posix_spawn(3): Foundation's `Process` lets a child inherit the signals that the Swift runtime's threads block, so
/// that it cannot be asked to end; its `waitUntilExit` is a busy loop on such a thread; and where many files are open,
/// its `run` reads beyond the end of a buffer.
package final class RunningProgram {
    package let identifier: pid_t
    private let command: [String]
    private let scratch: TemporaryDirectory
    private var ended: (status: Int32, peakMemory: Int)?

    package init(
        _ program: String, _ arguments: [String] = [], in folder: String? = nil, input: [UInt8] = [],
        environment: [String: String] = [:]
    ) throws {
        // Files, not pipes: a program that writes much to both cannot block on one of them.
        scratch = try TemporaryDirectory()
        try scratch.write(input, to: "in")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, scratch("in"), O_RDONLY, 0)
        for (descriptor, name) in [(STDOUT_FILENO, "out"), (STDERR_FILENO, "err")] {
            posix_spawn_file_actions_addopen(&actions, descriptor, scratch(name), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        // env(1) finds it on the PATH that it is given.
        let words = ["env"] + (folder.map { ["-C", $0] } ?? []) + [program] + arguments
        command = words
        let (argv, envp) = (words.map { strdup($0) }, variables.map { strdup($0) })
        defer { for word in argv + envp { free(word) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, "/usr/bin/env", &actions, &attributes, argv + [nil], envp + [nil])
        guard code == 0 else { throw DoesNotStart(program: program, cause: String(cString: strerror(code))) }
        self.identifier = identifier
    }

    package struct DoesNotStart: Error { let program, cause: String }
    package struct DoesNotEnd: Error { let command: [String], output, errors: String }

    /// A separate queue, since the threads of the global ones may all be waiting for programs.
    private static let watch = DispatchQueue(label: "daybook.tests.programs")

    deinit {
        send(SIGKILL)
        reap(0)
    }

    package var isRunning: Bool {
        reap(WNOHANG)
        return ended == nil
    }

    package func send(_ signal: Int32) {
        if ended == nil { kill(identifier, signal) }
    }

    private func reap(_ options: Int32) {
        guard ended == nil else { return }
        var (status, usage): (Int32, rusage) = (0, rusage())
        guard wait4(identifier, &status, options, &usage) == identifier else { return }
        ended = (status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f), usage.ru_maxrss)
    }

    /// What it has printed so far.
    package var output: String { get throws { String(decoding: try scratch.read("out"), as: UTF8.self) } }

    /// What it has said so far on stderr.
    package var errors: String { get throws { String(decoding: try scratch.read("err"), as: UTF8.self) } }

    /// Waits until it has ended.
    ///
    /// - Throws: `DoesNotEnd` after a quarter of an hour, so that a program that hangs fails the test that started it
    ///   and no other. The program is killed.
    package func end() throws -> ProgramResult {
        let isLate = Atomic(false)
        let watchdog = DispatchWorkItem { [identifier] in
            isLate.store(true, ordering: .relaxed)
            kill(identifier, SIGKILL)
        }
        Self.watch.asyncAfter(deadline: .now() + 900, execute: watchdog)
        reap(0)
        watchdog.cancel()
        if isLate.load(ordering: .relaxed) {
            throw DoesNotEnd(command: command, output: try output, errors: try errors)
        }
        let (status, peakMemory) = ended ?? (-1, 0)
        return ProgramResult(
            status: status, output: try scratch.read("out"), errors: try errors, peakMemory: peakMemory)
    }
}

/// The folder of the programs that are built with the tests.
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
