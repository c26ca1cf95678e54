internal import AccessLog
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Webhooks

extension PageResponder {
    enum Admission {
        case admitted(Visitor)
        case refused(Response)
    }

    // With TLS the browser itself holds these names to HTTPS and this host (RFC 6265bis, section 4.1.3.2).
    private var sessionCookie: String { configuration.isSecure ? "__Host-daybook" : "daybook" }
    private var formCookie: String { configuration.isSecure ? "__Host-daybook-form" : "daybook-form" }

    private func setCookie(_ name: String, _ value: String, ends: Bool = false) -> String {
        "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict" + (configuration.isSecure ? "; Secure" : "")
            + (ends ? "; Max-Age=0" : "")
    }

    /// Who asks: by their token, or by their session.
    func admission(_ exchange: PageRequest) async throws -> Admission {
        if let token = exchange.bearer {
            if let wait = throttle.wait(exchange.address, at: exchange.now) { return .refused(held(wait)) }
            if let auditor = try await auditor(token: token, exchange) {
                return .admitted(Visitor(auditor: auditor, cookie: nil))
            }
            try await refuse(exchange)
            return .refused(challenge("The token is unknown or no longer valid."))
        }
        let known = exchange.cookie(sessionCookie).flatMap { cookie in
            sessions.tokenHash(cookie: cookie, at: exchange.now).map { (cookie, $0) }
        }
        if let (cookie, hash) = known {
            let auditor = try await reading { [auditors] in try auditors.admitted(tokenHash: hash, at: exchange.now) }
            if let auditor { return .admitted(Visitor(auditor: auditor, cookie: cookie)) }
            sessions.end(cookie: cookie)
        }
        guard exchange.wantsPage else {
            return .refused(challenge("Send a token: Authorization: Bearer daybook_…"))
        }
        let next = Route(path: exchange.path).map { $0 == .signIn ? "/" : exchange.target }
        return .refused(
            redirect(to: "/sign-in" + (next.map { $0 == "/" ? "" : "?next=" + FormFields.encoded($0) } ?? "")))
    }

    private func auditor(token: String, _ exchange: PageRequest) async throws -> Auditors.Auditor? {
        try await reading { [auditors] in try auditors.admitted(token: token, at: exchange.now) }
    }

    /// A wrong token counts, and is put on record: not itself, only from where.
    private func refuse(_ exchange: PageRequest) async throws {
        throttle.failed(exchange.address, at: exchange.now)
        var entry = AccessEntry(.refused)
        entry.address = exchange.address
        try await recorder.record(entry)
    }

    private func challenge(_ text: String) -> Response {
        var response = plain(text, status: .unauthorized)
        response.headers[.wwwAuthenticate] = #"Bearer realm="Daybook""#
        return response
    }

    private func held(_ seconds: Int) -> Response {
        var response = plain(
            "Too many wrong tokens came from here. Try again in \(seconds) s.", status: .tooManyRequests)
        response.headers[.retryAfter] = "\(seconds)"
        return response
    }

    // MARK: - The form

    func signInPage(_ exchange: PageRequest, problem: String? = nil, next: String? = nil) -> Response {
        struct Values { let problem: String?, proof, next: String }
        let cookie = exchange.cookie(formCookie).flatMap { $0.utf8.count == 64 ? $0 : nil } ?? RandomText.make()
        let page = Page(
            title: "Sign in",
            main: templates.render(
                .signIn,
                Values(
                    problem: problem, proof: forms.proof(for: cookie),
                    next: Self.safe(next ?? exchange.query["next"]))))
        var response = html(inLayout(page, nil), status: problem == nil ? .ok : .forbidden)
        response.headers[values: .setCookie] = [setCookie(formCookie, cookie)]
        return response
    }

    /// Where to go after signing in: a path of ours, or the start. Never to another site.
    static func safe(_ next: String?) -> String {
        guard let next, let path = next.split(separator: "?", maxSplits: 1).first, Route(path: String(path)) != nil,
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return "/" }
        return next
    }

    func signIn(_ exchange: PageRequest) async throws -> Response {
        guard let form = try await form(exchange), let cookie = exchange.cookie(formCookie),
            let proof = form["proof"], forms.isProof(proof, for: cookie)
        else {
            return signInPage(
                exchange, problem: "This page had been open for too long, or your browser keeps no cookies. Try again.")
        }
        let next = Self.safe(form["next"])
        if let wait = throttle.wait(exchange.address, at: exchange.now) {
            var response = signInPage(
                exchange, problem: "Too many wrong tokens came from here. Try again in \(wait) seconds.", next: next)
            response.status = .tooManyRequests
            response.headers[.retryAfter] = "\(wait)"
            return response
        }
        let token = (form["token"] ?? "").filter { !$0.isWhitespace }
        guard let auditor = try await auditor(token: token, exchange) else {
            try await refuse(exchange)
            return signInPage(exchange, problem: "The token is unknown or no longer valid.", next: next)
        }
        var entry = AccessEntry(.signIn, auditor: auditor.grant.name)
        entry.address = exchange.address
        try await recorder.record(entry)
        let session = sessions.begin(tokenHash: auditor.grant.tokenHash, at: exchange.now)
        var response = redirect(to: next)
        response.headers[values: .setCookie] = [
            setCookie(sessionCookie, session), setCookie(formCookie, "", ends: true),
        ]
        return response
    }

    func signOut(_ exchange: PageRequest) async throws -> Response {
        guard let form = try await form(exchange), let cookie = exchange.cookie(sessionCookie),
            let proof = form["proof"], forms.isProof(proof, for: cookie)
        else { return redirect(to: .businesses) }
        if let hash = sessions.tokenHash(cookie: cookie, at: exchange.now) {
            let auditor = try await reading { [auditors] in try auditors.admitted(tokenHash: hash, at: exchange.now) }
            var entry = AccessEntry(.signOut, auditor: auditor?.grant.name)
            entry.address = exchange.address
            try await recorder.record(entry)
        }
        sessions.end(cookie: cookie)
        var response = redirect(to: .signIn)
        response.headers[values: .setCookie] = [setCookie(sessionCookie, "", ends: true)]
        return response
    }

    /// nil where it is none, too long, or filled in elsewhere (Fetch Metadata, `Sec-Fetch-Site`).
    private func form(_ exchange: PageRequest) async throws -> FormFields? {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { exchange.request.headers[$0] }
        guard site == nil || site == "same-origin",
            exchange.request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        else { return nil }
        var request = exchange.request
        guard let body = try? await request.collectBody(upTo: 8192) else { return nil }
        return FormFields(String(buffer: body))
    }
}
