/// A reply of an HTTP server.
package struct HTTPReply: Equatable, Sendable {
    package let status: Int
    /// By lower-case name.
    package let headers: [String: String]
    package let body: String

    package init(status: Int, headers: [String: String], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The id under which the receiver stored a delivery, from the body of its 200.
    package var deliveryID: String? {
        status == 200 ? body.firstMatch(of: #/{"id":"([0-9a-f-]{36})"}/#).map { String($0.1) } : nil
    }
}
