internal import Foundation
internal import Glibc

/// A program that the demo starts the way a shell would.
final class DemoProcess {
    private let process = Process()
    private let ended: AsyncStream<Void>

    /// - Parameters:
    ///   - input: The file that stdin reads from.
    ///   - errors: The file for stderr, or `nil` for the demo's own stderr.
    init(_ arguments: [String], environment: [String: String], input: Pipe, errors: Pipe? = nil) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = environment
        process.standardInput = input
        if let errors { process.standardError = errors }
        let (ended, ending) = AsyncStream<Void>.makeStream()
        self.ended = ended
        process.terminationHandler = { _ in ending.finish() }

        // The threads of the Swift runtime block signals, and a child inherits that. A shell would not notice
        // that a program it started has ended, and a signal could not stop a program.
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

    /// Waits until the program has ended.
    ///
    /// - Returns: Its exit status.
    func end() async -> Int32 {
        for await _ in ended {}
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }
}
