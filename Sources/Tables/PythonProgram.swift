internal import Foundation

/// The Python that writes Parquet files, since no library for Swift does.
///
/// It is run in its isolated mode, so that neither the working folder nor `PYTHONPATH` can change what it imports. It has no
/// names of files: rows come from a pipe, and go to a file that is open already.
package struct PythonProgram: Sendable {
    /// A path, or a name on the PATH.
    package let path: String

    package init(_ path: String) { self.path = path }

    /// The only requirement of `requirements.txt`: a package, and its exact version.
    private static let requirement = String(decoding: PackageResources.requirements_txt, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)

    private static let version = requirement.components(separatedBy: "==").last ?? ""

    /// How to install what is needed.
    static let remedy = "python3 -m venv venv && venv/bin/pip install \(requirement)"

    /// Checks that Python can be run, and has the package in the version that is needed.
    ///
    /// - Throws: ``TablesError/unavailable(python:_:)``.
    package func check() throws {
        let process = process(["check"])
        let messages = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = messages
        try start(process)
        let message = Self.lastLine(of: messages)
        process.waitUntilExit()
        let cause: String
        switch (process.terminationReason, process.terminationStatus) {
        case (.exit, 0): return
        case (.exit, 3): cause = "it has no \(Self.requirement), but \(message)"
        case (.exit, 4): cause = "it has \(message) of what has to be \(Self.requirement)"
        // env(1) exits with these if the program does not exist, or cannot be run.
        case (.exit, 126...127): cause = "it is not on the PATH"
        default: cause = message.isEmpty ? "it ended with \(process.terminationStatus)" : message
        }
        throw unavailable(cause)
    }

    /// Returns a process that runs the script with its usual arguments, and these.
    func process(_ arguments: [String]) -> Process {
        let process = Process()
        let words = ["-I", "-B", "-c", String(decoding: PackageResources.write_table_py, as: UTF8.self), Self.version]
        let isPath = path.contains("/")
        process.executableURL = URL(fileURLWithPath: isPath ? path : "/usr/bin/env")
        process.arguments = (isPath ? [] : [path]) + words + arguments
        return process
    }

    func start(_ process: Process) throws {
        do {
            try process.run()
        } catch {
            throw unavailable("it does not exist, or this user may not run it")
        }
    }

    private func unavailable(_ cause: String) -> TablesError { .unavailable(python: path, cause) }

    /// Returns the last line of what a process writes until it ends, which is the error of a Python traceback.
    static func lastLine(of messages: Pipe) -> String {
        String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    }
}
