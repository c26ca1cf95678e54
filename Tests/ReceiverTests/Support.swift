import Configuring
import Foundation
import Glibc
import Logging
import Synchronization
import TestSupport
import Testing
import Webhooks

@testable import Receiver

/// Keeps what is logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var log: Logger { Logger(label: "") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        var metadataProvider: Logger.MetadataProvider?
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.lines.withLock { $0.append("\(event.level): \(event.message)") } }
    }
}

/// What stands in a spool.
struct SpoolContents {
    let path: String

    /// Payloads in `new/`, in the order of their names.
    func payloads(_ environment: Environment) throws -> [String] {
        try names(environment, "new").filter { !$0.hasSuffix(".headers.json") }.map { try text(environment, $0) }
    }

    func sidecars(_ environment: Environment) throws -> [String] {
        try names(environment, "new").filter { $0.hasSuffix(".headers.json") }.map { try text(environment, $0) }
    }

    func names(_ environment: Environment, _ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(environment)/\(folder)").sorted()
    }

    /// Every file of the spool but its folders, by path below it.
    func all() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0.contains("/") && $0.contains(".") }
            .sorted()
    }

    private func text(_ environment: Environment, _ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(environment)/new/\(name)")), as: UTF8.self)
    }
}

/// A receiver in this process, on a port of its own and a spool of its own.
struct TestServer: Sendable {
    let server: Server
    let log: LogLines
    let spool: SpoolContents
    private let folder: TemporaryDirectory

    var port: Int { server.address.port }
    var url: String { "http://127.0.0.1:\(port)" }
    var receiver: ReceiverContext { server.receiver }

    /// How one is to be, as far as it differs from the usual.
    struct Setup {
        var rule = SenderAuthenticator.Rule.none
        var secrets: [String] = []
        var folder: TemporaryDirectory?
        var free: (@Sendable () throws -> Int)?
        private var changes: [(inout ReceiverConfiguration) -> Void] = []

        init(
            _ rule: SenderAuthenticator.Rule = .none, secrets: [String] = [], in folder: TemporaryDirectory? = nil,
            free: (@Sendable () throws -> Int)? = nil
        ) {
            self.rule = rule
            self.secrets = secrets
            self.folder = folder
            self.free = free
        }

        func with<Value>(_ setting: WritableKeyPath<ReceiverConfiguration, Value>, _ value: Value) -> Setup {
            var setup = self
            setup.changes.append { $0[keyPath: setting] = value }
            return setup
        }

        /// Starts one, runs `body`, and stops it.
        func run(_ body: (TestServer) async throws -> Void) async throws {
            let folder = try folder ?? TemporaryDirectory()
            let check = try SenderAuthenticator(rule, secrets: secrets.map { Secret($0) })
            var configuration = ReceiverConfiguration(spool: "\(folder.path)/spool", senderAuthenticator: check)
            configuration.listen = ListenAddress(host: "127.0.0.1", port: 0)
            configuration.reserve = ByteSize(bytes: 0)
            configuration.grace = .seconds(1)
            configuration.writers = 4
            // Long enough for the slowest machine; a test of a limit sets its own.
            configuration.headerTimeout = .seconds(60)
            configuration.bodyTimeout = .seconds(60)
            for change in changes { change(&configuration) }
            let lines = LogLines()
            let receiver = try ReceiverContext(configuration, log: lines.log, free: free)
            let server = TestServer(
                server: try await Server.start(receiver, log: lines.log), log: lines,
                spool: SpoolContents(path: configuration.spool), folder: folder)
            do {
                try await body(server)
            } catch {
                await server.server.stop()
                throw error
            }
            await server.server.stop()
        }
    }

    /// As usual.
    static func run(_ body: (TestServer) async throws -> Void) async throws { try await Setup().run(body) }

    static func with<Value>(_ setting: WritableKeyPath<ReceiverConfiguration, Value>, _ value: Value) -> Setup {
        Setup().with(setting, value)
    }

    func connect() throws -> Client { try Client(port: port) }

    /// Sends bytes on a connection of their own, and reads all answers to its end.
    func answers(to bytes: String) throws -> [Reply] {
        let client = try connect()
        try client.send(bytes)
        client.sendEnd()
        return try client.repliesToEnd()
    }
}

struct Reply: Equatable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: String
}

struct ClientError: Error { let description: String }

/// A connection on which a test writes and reads bytes as it likes.
final class Client {
    private let descriptor: CInt
    private var received: [UInt8] = []
    private(set) var isEnded = false

    init(port: Int) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        // A test that waits for longer than this waits for what will not come.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ClientError(description: "cannot connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ClientError(description: "cannot send: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    /// Half-closes: nothing more will be sent.
    func sendEnd() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Reads once more; false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw ClientError(description: "cannot receive: \(String(cString: strerror(errno)))") }
        received += buffer[..<count]
        if count == 0 { isEnded = true }
        return count > 0
    }

    /// The next answer; nil where the connection ended before one began.
    func reply(toHead: Bool = false) throws -> Reply? {
        let gap = Array("\r\n\r\n".utf8)
        while received.firstRange(of: gap) == nil {
            if try !receive() {
                guard received.isEmpty else { throw ClientError(description: "ended within an answer's head") }
                return nil
            }
        }
        let end = received.firstRange(of: gap)?.upperBound ?? 0
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        received.removeFirst(end)
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw ClientError(description: "not an answer's first line: \(lines.first ?? "")")
        }
        let pairs = lines.dropFirst().map { line in
            let parts = line.split(separator: ": ", maxSplits: 1)
            return (parts[0].lowercased(), parts.count > 1 ? String(parts[1]) : "")
        }
        let headers = Dictionary(pairs) { "\($0), \($1)" }
        let length = toHead ? 0 : Int(headers["content-length"] ?? "0") ?? 0
        while received.count < length {
            guard try receive() else { throw ClientError(description: "ended within an answer's body") }
        }
        let body = String(decoding: received.prefix(length), as: UTF8.self)
        received.removeFirst(length)
        return Reply(status: status, headers: headers, body: body)
    }

    /// All answers until the server ends the connection.
    func repliesToEnd() throws -> [Reply] {
        var replies: [Reply] = []
        while let reply = try reply() { replies.append(reply) }
        return replies
    }

    /// Waits until the server has ended the connection, however it did.
    func waitForEnd() {
        while (try? receive()) == true {}
    }
}

/// Runs a program to its end, and gives what it wrote.
func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let errorText = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text, errorText)
}

/// The program that was built beside these tests.
let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appending(path: "daybook-receiver").path

/// Waits until something is so. For what has no event to wait for; it gives up after a minute.
func eventually(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("waited for a minute in vain")
}
