import Foundation
import TestSupport

/// The script consumer.py, which takes webhooks on this machine and logs them.
final class Consumer {
    private let bench: Workbench
    private let certificate: String?
    private var program: RunningProgram
    private(set) var port = 0

    /// A request, as the consumer logs it before it answers.
    struct Request: Decodable {
        let id: String?
        let status: Int
        let sha256: String
        let headers: [String: String]
        let body: String

        var isAcknowledged: Bool { (200...299).contains(status) }
    }

    /// - Parameter certificate: The path of a PEM file with a certificate and its key, for HTTPS.
    init(in bench: Workbench, certificate: String? = nil) throws {
        self.bench = bench
        self.certificate = certificate
        program = try Self.start(bench, port: 0, certificate)
        port = try Self.port(of: program)
    }

    private static func start(_ bench: Workbench, port: Int, _ certificate: String?) throws -> RunningProgram {
        try bench.start(
            "/usr/bin/python3",
            [script("consumer.py"), bench.folder("consumer.log"), "\(port)"] + (certificate.map { [$0] } ?? []))
    }

    private static func port(of program: RunningProgram) throws -> Int {
        var port: Int?
        try waitUntil {
            port = Int(try program.output.trimmingCharacters(in: .newlines))
            return port != nil || !program.isRunning
        }
        return port ?? 0
    }

    /// Kills the consumer, and starts it again at the same port.
    func restart() throws {
        program.send(SIGKILL)
        _ = try program.end()
        program = try Self.start(bench, port: port, certificate)
        _ = try Self.port(of: program)
    }

    /// Everything that it got so far, in order.
    func requests() throws -> [Request] {
        let log = try bench.folder.read("consumer.log")
        return try log.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Request.self, from: Data($0))
        }
    }
}
