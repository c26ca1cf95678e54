package import ArgumentParser
internal import Glibc

extension ParsableCommand {
    /// Runs the command that the arguments name, and ends the program: the one way out of both of them.
    ///
    /// Help goes to stdout and ends with 0, and so does the page for man(1), by `--generate-manual`. Wrong arguments end
    /// with 64. Any other error is one line on stderr, `<program>: <sentence>`.
    ///
    /// - Parameters:
    ///   - program: as its users call it.
    ///   - status: the exit status of an error that is no ``Failure``.
    package static func runAndExit(
        as program: String, status: (any Error) -> ExitStatus = { _ in .ioError }
    ) async -> Never {
        do {
            if CommandLine.arguments.dropFirst() == ["--generate-manual"] {
                print(try Manual(of: Self.self).text(date: Manual.today), terminator: "")
                Glibc.exit(ExitStatus.ok.rawValue)
            }
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Glibc.exit(ExitStatus.ok.rawValue)
        } catch let failure as Failure {
            end(program, failure.description, failure.status)
        } catch {
            // Help, and what is wrong with arguments, is the parser's to print.
            if error is ExitCode || exitCode(for: error) != .failure { exit(withError: error) }
            end(program, "\(error)", status(error))
        }
    }

    private static func end(_ program: String, _ sentence: String, _ status: ExitStatus) -> Never {
        let line = Array("\(program): \(sentence)\n".utf8)
        // Where stderr is gone there is nobody left to tell.
        _ = write(STDERR_FILENO, line, line.count)
        Glibc.exit(status.rawValue)
    }
}
