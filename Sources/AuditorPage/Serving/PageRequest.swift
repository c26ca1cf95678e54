internal import AccessLog
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Webhooks

/// One request, and what is known of its sender.
struct PageRequest {
    let http: Request
    /// The address of the client.
    let address: String
    private let loop: (any EventLoop)?
    let path: String
    let query: FormFields
    /// The path and query, as they were requested.
    let target: String
    let now: Timestamp
    let isHead: Bool

    init(_ http: Request, from address: String, on loop: (any EventLoop)?, at now: Timestamp) {
        self.loop = loop
        self.http = http
        self.address = address
        self.now = now
        target = http.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        query = FormFields(parts.count == 2 ? String(parts[1]) : "")
        isHead = http.method == .head
    }

    /// Waits until the connection has accepted everything written so far, so that it can say whether it takes
    /// more.
    ///
    /// A writer does not wait for a busy event loop by itself, so many downloads would accumulate in memory in
    /// front of it.
    var handedOver: @Sendable () async throws -> Void {
        { [loop] in try await loop?.submit {}.get() }
    }

    /// Returns the value of a cookie, or `nil` if the request does not have it.
    func cookie(_ name: String) -> String? { http.cookies[name]?.value }

    /// The bearer token of the request, or `nil` if it has none.
    var bearer: String? {
        guard let field = http.headers[.authorization], field.lowercased().hasPrefix("bearer ") else { return nil }
        return String(field.dropFirst(7).trimmingPrefix { $0 == " " })
    }

    /// Whether a browser requests a page for a person.
    var wantsPage: Bool { http.headers[.accept]?.contains("text/html") ?? false }

    func day(_ name: String) -> CivilDate? { query[name].flatMap { CivilDate($0) } }

    /// The page number from 1, or 1 if the request has none or an invalid one.
    var page: Int { query["page"].flatMap { Int($0) }.map { min(max(1, $0), 1_000_000) } ?? 1 }
}
