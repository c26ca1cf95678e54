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

/// The contents of a spool.
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
            configuration.idleTimeout = .seconds(900)
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

    func connect() throws -> HTTPConnection { try HTTPConnection(port: port) }

    /// Sends bytes on a connection of their own, and reads all answers to its end.
    func answers(to bytes: String) throws -> [HTTPReply] {
        let client = try connect()
        try client.send(bytes)
        client.sendEnd()
        return try client.repliesToEnd()
    }
}

/// Waits until something is so. For what has no event to wait for; it gives up after a minute.
func eventually(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("waited for a minute in vain")
}
