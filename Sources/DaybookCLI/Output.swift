internal import Configuring
internal import Foundation
internal import Glibc

/// Where data goes: stdout, gathered into large writes.
struct Output: ~Copyable {
    private var pending: [UInt8] = []

    mutating func write(_ bytes: some Sequence<UInt8>) throws {
        pending += bytes
        if pending.count >= 1 << 16 { try flush() }
    }

    mutating func write(_ text: String) throws { try write(text.utf8) }

    /// JSON without white space.
    mutating func write(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try write(encoder.encode(value))
    }

    /// To be called last: what is gathered is lost otherwise.
    mutating func flush() throws {
        var rest = pending[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                // Whoever reads has seen enough.
                if errno == EPIPE { Glibc.exit(ExitStatus.ok.rawValue) }
                throw Failure(.ioError, "cannot write to stdout: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Writes one value, or what a person reads, and nothing after it.
    static func print(json value: (some Encodable)?, else text: @autoclosure () -> String) throws {
        var output = Output()
        if let value {
            try output.write(json: value)
            try output.write("\n")
        } else {
            try output.write(text())
        }
        try output.flush()
    }
}

/// Says a line to a person.
func say(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

/// Tells a person at a terminal how far long work has come; silent under cron and in pipes.
final class Progress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var last = ContinuousClock.now
    private var width = 0

    func callAsFunction(_ text: @autoclosure () -> String) { self(text) }

    func callAsFunction(_ text: () -> String) {
        guard isShown, ContinuousClock.now - last > .milliseconds(100) else { return }
        last = .now
        let line = String(text().prefix(78))
        FileHandle.standardError.write(
            Data("\r\(line)\(String(repeating: " ", count: max(0, width - line.count)))".utf8))
        width = line.count
    }

    /// Takes the line away.
    deinit {
        if width > 0 { FileHandle.standardError.write(Data("\r\(String(repeating: " ", count: width))\r".utf8)) }
    }
}
