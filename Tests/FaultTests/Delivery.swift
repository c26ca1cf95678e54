import TestSupport

/// A delivery that a test sends to a receiver.
struct Delivery: Sendable {
    var environment = "production"
    var headers: [String: String] = [:]
    private(set) var body: [UInt8]

    init(_ text: String, to environment: String = "production", headers: [String: String] = [:]) {
        body = Array(text.utf8)
        self.environment = environment
        self.headers = headers
    }

    /// The same with other bytes, of the same event.
    var another: Delivery {
        var other = self
        other.body.append(UInt8(ascii: " "))
        return other
    }

    func send(to port: Int) throws -> HTTPReply? {
        try HTTPConnection.send("POST", "/webhooks/\(environment)", to: port, headers: headers, body: body)
    }
}
