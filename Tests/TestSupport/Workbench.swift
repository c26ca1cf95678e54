internal import Foundation
internal import Glibc
internal import Synchronization

/// A spool and an archive in a folder of their own, and both programs at work in it, as an operator has them.
///
/// Commands run in the folder, with the programs on the PATH, and no option given means `spool` and `archive` there.
package final class Workbench: Sendable {
    package let folder: TemporaryDirectory
    private let received = Atomic(0)

    package init() throws {
        folder = try TemporaryDirectory()
        for part in ["production/new", "sandbox/new"] { try folder.write([], to: "spool/\(part)/.keep") }
    }

    private static var environment: [String: String] {
        ["PATH": "\(buildFolder):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"]
    }

    /// Runs a script by /bin/sh.
    package func sh(_ script: String, environment: [String: String] = [:]) throws -> ProgramResult {
        try start("/bin/sh", ["-c", script], environment: environment).end()
    }

    package func daybook(_ arguments: String..., environment: [String: String] = [:]) throws -> ProgramResult {
        try start("\(buildFolder)/daybook", arguments, environment: environment).end()
    }

    package func daybook(arguments: [String]) throws -> ProgramResult {
        try start("\(buildFolder)/daybook", arguments).end()
    }

    package func start(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningProgram {
        try RunningProgram(
            program, arguments, in: folder.path, environment: Self.environment.merging(environment) { $1 })
    }

    /// Starts a receiver on any free port, and returns once it listens.
    ///
    /// - Parameter openFiles: how many files it may have open; nil for as many as the tests.
    package func receiver(
        _ arguments: String..., environment: [String: String] = [:], openFiles: Int? = nil
    ) throws -> RunningServer {
        let limit = openFiles.map { "ulimit -n \($0); " } ?? ""
        return try RunningServer(
            listening: start(
                "/bin/sh", ["-c", "\(limit)exec daybook-receiver \"$@\"", "sh"] + arguments,
                environment: ["DAYBOOK_LISTEN": "127.0.0.1:0", "DAYBOOK_RESERVE": "0"].merging(environment) { $1 }))
    }

    /// Starts the auditors' page on any free port, and returns once it listens.
    package func page(_ arguments: String...) throws -> RunningServer {
        try RunningServer(
            listening: start("\(buildFolder)/daybook", ["serve", "--page-listen", "127.0.0.1:0"] + arguments))
    }

    /// Puts a delivery into the spool as if it had been received at a time, such as `2025-03-01T10:00:00Z`.
    ///
    /// - Returns: its id: the next one at each call, and the same at the same call in another workbench.
    @discardableResult
    package func receive(
        _ payload: some StringProtocol, at time: String = "2025-03-01T10:00:00Z", _ environment: String = "production"
    ) throws -> String {
        let number = received.add(1, ordering: .relaxed).newValue
        let milliseconds = Int(try Date(time, strategy: .iso8601).timeIntervalSince1970 * 1000)
        let id = String(
            format: "%08lx-%04lx-7%03lx-8%03lx-%012lx", milliseconds >> 16, milliseconds & 0xffff, number >> 12 & 0xfff,
            number & 0xfff, number)
        try folder.write(payload.utf8, to: "spool/\(environment)/new/\(id).json")
        return id
    }

    /// The paths of the compressed files, from the archive's root on: archives and ledgers.
    package func compressed() throws -> [String] {
        try folder.files(below: "archive").filter { $0.hasPrefix("environment=") && $0.hasSuffix(".ndjson.gz") }
    }

    /// The payloads' files of a part of the spool.
    package func spooled(_ environment: String = "production", _ part: String = "new") throws -> [String] {
        try folder.files(below: "spool/\(environment)/\(part)").filter { !$0.hasPrefix(".") }
    }
}
