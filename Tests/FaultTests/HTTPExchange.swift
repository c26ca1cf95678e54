import Glibc

/// One request on a connection of its own, and its answer.
struct HTTPExchange: Sendable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: String

    /// The id under which a delivery was stored, as a 200 tells it.
    var id: String? { status == 200 ? body.firstMatch(of: /{"id":"([0-9a-f-]{36})"}/).map { String($0.1) } : nil }

    /// Sends a request, and reads to the end of the connection.
    ///
    /// - Returns: nil where the connection ended without a whole answer.
    static func send(
        _ method: String, _ path: String, to port: Int, headers: [String: String] = [:], body: [UInt8] = []
    ) throws -> HTTPExchange? {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        // A receiver that is silent for longer hangs, and the tests shall not.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }

        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        var rest = (Array("\(head)\r\n".utf8) + body)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            // Refused from its head on: the answer may be there all the same.
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN { throw SceneError(what: "no answer to \(method) \(path) within a minute") }
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return HTTPExchange(answer)
    }

    private init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let gap = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<gap.lowerBound].split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        self.status = status
        let pairs = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        headers = Dictionary(pairs) { "\($0), \($1)" }
        body = String(text[gap.upperBound...])
    }
}
