internal import Foundation
internal import Glibc

/// A program that the demo starts, as a shell would.
final class DemoProcess {
    private let process = Process()
    private let ended: AsyncStream<Void>

    /// - Parameters:
    ///   - input: what stdin is read from.
    ///   - errors: where stderr goes; nil is where the demo's own goes.
    init(_ arguments: [String], environment: [String: String], input: Pipe, errors: Pipe? = nil) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = environment
        process.standardInput = input
        if let errors { process.standardError = errors }
        let (ended, ending) = AsyncStream<Void>.makeStream()
        self.ended = ended
        process.terminationHandler = { _ in ending.finish() }

        // The threads of the Swift runtime block signals, and a child inherits that: a shell would not learn that a
        // program of its own has ended, nor could a program be stopped by a signal.
        var (none, own) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &own)
        signal(SIGPIPE, SIG_DFL)
        defer {
            signal(SIGPIPE, SIG_IGN)
            pthread_sigmask(SIG_SETMASK, &own, nil)
        }
        try process.run()
    }

    /// Waits until it has ended.
    ///
    /// - Returns: its status.
    func end() async -> Int32 {
        for await _ in ended {}
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }
}
