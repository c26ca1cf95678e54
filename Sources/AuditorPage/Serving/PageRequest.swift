internal import AccessLog
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Webhooks

/// One request, and what is known of who sent it.
struct PageRequest {
    let request: Request
    /// Of the client.
    let address: String
    private let loop: (any EventLoop)?
    let path: String
    let query: FormFields
    /// Path and query, as they were asked for.
    let target: String
    let now: Timestamp
    let isHead: Bool

    init(_ request: Request, from address: String, on loop: (any EventLoop)?, at now: Timestamp) {
        self.loop = loop
        self.request = request
        self.address = address
        self.now = now
        target = request.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        query = FormFields(parts.count == 2 ? parts[1] : "")
        isHead = request.method == .head
    }

    /// Waits until the connection has been given what was written so far, so that it can say whether it takes more.
    ///
    /// A writer does not wait by itself for a busy event loop: very many downloads would pile up in memory before it.
    var handedOver: @Sendable () async throws -> Void {
        { [loop] in try await loop?.submit {}.get() }
    }

    /// Returns the value of a cookie, or `nil` if the request does not have it.
    func cookie(_ name: String) -> String? { request.cookies[name]?.value }

    /// The token that came with the request; nil where none did.
    var bearer: String? {
        guard let field = request.headers[.authorization], field.lowercased().hasPrefix("bearer ") else { return nil }
        return String(field.dropFirst(7).trimmingPrefix { $0 == " " })
    }

    /// Whether a person's browser asks for a page.
    var wantsPage: Bool { request.headers[.accept]?.contains("text/html") ?? false }

    func day(_ name: String) -> CivilDate? { query[name].flatMap { CivilDate($0) } }

    /// From 1 on; 1 if the request has none or an invalid one.
    var page: Int { query["page"].flatMap { Int($0) }.map { min(max(1, $0), 1_000_000) } ?? 1 }
}

/// An auditor who was let in.
struct Visitor {
    let auditor: Auditors.Auditor
    /// nil for who came with a token.
    let cookie: String?
    var name: String { auditor.grant.name }
}

/// Headers that every answer bears.
enum CommonHeaders {
    static func add(to headers: inout HTTPFields, isSecure: Bool) {
        func set(_ name: String, _ value: String) {
            guard let name = HTTPField.Name(name), headers[name] == nil else { return }
            headers[name] = value
        }
        // No script at all, and nothing from elsewhere. Drawings have their colours from the style sheet.
        set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
                + "frame-ancestors 'none'")
        set("X-Content-Type-Options", "nosniff")
        set("Referrer-Policy", "same-origin")
        set("Cross-Origin-Opener-Policy", "same-origin")
        set("Cross-Origin-Resource-Policy", "same-origin")
        set("X-Robots-Tag", "noindex, nofollow")
        set("Cache-Control", "private, no-store")
        set("Vary", "Authorization, Cookie")
        if isSecure { set("Strict-Transport-Security", "max-age=31536000") }
    }
}
