package import ArgumentParser
internal import Glibc

extension ParsableCommand {
    /// Runs the command that the arguments name, and ends the program. Both programs end here.
    ///
    /// Help, and the man(1) page that `--generate-manual` prints, go to stdout and end with 0. Wrong arguments end with 64. Any
    /// other error is one line on stderr, `<program>: <message>`.
    ///
    /// - Parameters:
    ///   - program: The program's name.
    ///   - status: Returns the exit status for an error that is not a ``Failure``.
    package static func runAndExit(
        as program: String, status: (any Error) -> ExitStatus = { _ in .ioError }
    ) async -> Never {
        openStandardDescriptors()
        do {
            let arguments = try kernelArguments()
            if arguments == ["--generate-manual"] {
                print(try Manual(of: Self.self).text(date: Manual.today), terminator: "")
                Glibc.exit(ExitStatus.ok.rawValue)
            }
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Glibc.exit(ExitStatus.ok.rawValue)
        } catch let failure as Failure {
            end(program, with: failure.description, failure.status)
        } catch {
            // The parser prints help, and what is wrong with arguments.
            if error is ExitCode || exitCode(for: error) != .failure { exit(withError: error) }
            end(program, with: "\(error)", status(error))
        }
    }

    /// Returns the arguments that the kernel passed to this process, without the program's own name (proc(5)).
    ///
    /// `CommandLine.arguments` looks for them in front of the environment. If a preloaded library has called setenv(3) by then,
    /// the environment has moved, and all arguments are lost: a receiver would run on its defaults, without authentication.
    ///
    /// - Throws: ``Failure`` with 69 if they cannot be read: the program refuses to run without knowing its arguments.
    static func kernelArguments() throws(Failure) -> [String] {
        let bytes: [UInt8]
        do throws(Failure) {
            bytes = try readWhole("/proc/self/cmdline")
        } catch {
            throw Failure(.unavailable, "\(error.description); mount /proc, which has the program's arguments")
        }
        // Each argument, even an empty one, ends with a zero byte.
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().dropFirst()
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Opens /dev/null in place of stdin, stdout, or stderr if one is closed. A file that is opened later would get its number, and
    /// with it whatever is written there.
    private static func openStandardDescriptors() {
        // What is written to stdout must not vanish silently, so that descriptor cannot be written to.
        for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", mode)
        }
    }

    private static func end(_ program: String, with message: String, _ status: ExitStatus) -> Never {
        let line = Array("\(program): \(message)\n".utf8)
        // If stderr is closed, there is nobody left to notify.
        _ = write(STDERR_FILENO, line, line.count)
        Glibc.exit(status.rawValue)
    }
}
