internal import Foundation
internal import Glibc

/// A connection on which a test writes and reads whatever bytes it likes.
package final class HTTPConnection {
    private let descriptor: CInt
    private var received: [UInt8] = []

    package struct Failure: Error {
        let description: String
        /// The errno of the system call that failed.
        var code: CInt?
    }

    /// Connects to a port of 127.0.0.1. Whatever then takes longer than a minute fails: what hangs must not hang the tests.
    package init(port: Int) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Self.failure("cannot connect") }
    }

    deinit { close(descriptor) }

    private static func failure(_ what: String) -> Failure {
        let code = errno
        return Failure(description: "\(what): \(String(cString: strerror(code)))", code: code)
    }

    package func send(_ text: String) throws { try send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Self.failure("cannot send") }
            rest = rest.dropFirst(count)
        }
    }

    /// Half-closes the connection: nothing more will be sent.
    package func sendEnd() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Reads once more; false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Self.failure("cannot receive") }
        received += buffer[..<count]
        return count > 0
    }

    /// The next reply; nil if the connection ended before one began.
    package func reply(toHead: Bool = false) throws -> HTTPReply? {
        let gap = Array("\r\n\r\n".utf8)
        while received.firstRange(of: gap) == nil {
            if try !receive() {
                guard received.isEmpty else { throw Failure(description: "ended within a reply's head") }
                return nil
            }
        }
        let end = received.firstRange(of: gap)?.upperBound ?? 0
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        received.removeFirst(end)
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw Failure(description: "not a reply's first line: \(lines.first ?? "")")
        }
        let pairs = lines.dropFirst().map { line in
            let parts = line.split(separator: ": ", maxSplits: 1)
            return (parts[0].lowercased(), parts.count > 1 ? String(parts[1]) : "")
        }
        let headers = Dictionary(pairs) { "\($0), \($1)" }
        let length = toHead ? 0 : Int(headers["content-length"] ?? "0") ?? 0
        while received.count < length {
            guard try receive() else { throw Failure(description: "ended within a reply's body") }
        }
        let body = String(decoding: received.prefix(length), as: UTF8.self)
        received.removeFirst(length)
        return HTTPReply(status: status, headers: headers, body: body)
    }

    /// All replies until the server ends the connection.
    package func repliesToEnd() throws -> [HTTPReply] {
        var replies: [HTTPReply] = []
        while let reply = try reply() { replies.append(reply) }
        return replies
    }

    /// Waits until the server has ended the connection, in whichever way.
    package func waitForEnd() {
        while (try? receive()) == true {}
    }

    /// Sends one request on a new connection, and reads to its end.
    ///
    /// - Returns: nil if nobody listens, or the connection ended without a whole reply.
    /// - Throws: if the reply, or the end of the connection, takes longer than a minute.
    package static func send(
        _ method: String, _ path: String, to port: Int, headers: [String: String] = [:], body: [UInt8] = []
    ) throws -> HTTPReply? {
        guard let connection = try? HTTPConnection(port: port) else { return nil }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        // A server that rejects a request by its head may end the connection before it has all of the body.
        try? connection.send(Array("\(head)\r\n".utf8) + body)
        var reply: HTTPReply?
        do {
            reply = try connection.reply()
            _ = try connection.repliesToEnd()
        } catch let failure as Failure where failure.code != EAGAIN {}
        return reply
    }
}
