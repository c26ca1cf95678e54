internal import Configuring
internal import Foundation
internal import Glibc

/// Writes data to stdout, in large writes.
struct Output: ~Copyable {
    /// The value of `-o` that means stdout.
    static let stdout = "-"

    private var pending: [UInt8] = []

    mutating func write(_ bytes: some Sequence<UInt8>) throws {
        pending += bytes
        if pending.count >= 1 << 16 { try flush() }
    }

    mutating func write(_ text: String) throws { try write(text.utf8) }

    /// Writes a value as JSON without white space.
    mutating func write(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try write(encoder.encode(value))
    }

    /// Writes what is buffered. Without this last call it is lost.
    mutating func flush() throws {
        var rest = pending[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                // The reader has closed the pipe, which is not an error.
                if errno == EPIPE { Glibc.exit(ExitStatus.ok.rawValue) }
                throw Failure(.ioError, "cannot write to stdout: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Throws if stdout is a terminal, for output that only programs read.
    static func refuseTerminal(_ reason: String) throws {
        guard isatty(STDOUT_FILENO) == 0 else {
            throw Failure(.usage, "\(reason), and stdout is a terminal; add -o FILE, or pipe the output")
        }
    }

    /// Writes one value as JSON, or its text for a person, and nothing after it.
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

/// Writes a line for a person. If stderr is closed, there is nobody to write to.
func say(_ line: String) {
    var rest = Array("\(line)\n".utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
