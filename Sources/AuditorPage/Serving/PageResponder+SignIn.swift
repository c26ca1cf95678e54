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

    // With TLS, browsers themselves restrict cookies of these names to HTTPS and this host (RFC 6265bis, section
    // 4.1.3.2).
    private var sessionCookie: String { configuration.isSecure ? "__Host-daybook" : "daybook" }
    private var formCookie: String { configuration.isSecure ? "__Host-daybook-form" : "daybook-form" }

    private func setCookie(_ name: String, _ value: String, ends: Bool = false) -> String {
        "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict" + (configuration.isSecure ? "; Secure" : "")
            + (ends ? "; Max-Age=0" : "")
    }

    /// Returns the visitor, by token or by session.
    func admission(_ request: PageRequest) async throws -> Admission {
        if let token = request.bearer {
            if let wait = throttle.wait(request.address, at: request.now) { return .refused(held(wait)) }
            if let auditor = try await auditor(token: token, request) {
                return .admitted(Visitor(auditor: auditor, cookie: nil))
            }
            try await refuse(request)
            return .refused(challenge("The token is unknown or no longer valid."))
        }
        let known = request.cookie(sessionCookie).flatMap { cookie in
            sessions.tokenHash(cookie: cookie, at: request.now).map { (cookie, $0) }
        }
        if let (cookie, hash) = known {
            let auditor = try await reading { [auditors] in try auditors.admitted(tokenHash: hash, at: request.now) }
            if let auditor { return .admitted(Visitor(auditor: auditor, cookie: cookie)) }
            sessions.end(cookie: cookie)
        }
        guard request.wantsPage else {
            return .refused(challenge("Send a token: Authorization: Bearer daybook_…"))
        }
        let next = Route(path: request.path).map { $0 == .signIn ? "/" : request.target }
        return .refused(
            redirect(to: "/sign-in" + (next.map { $0 == "/" ? "" : "?next=" + FormFields.encoded($0) } ?? "")))
    }

    private func auditor(token: String, _ request: PageRequest) async throws -> Auditors.Auditor? {
        try await reading { [auditors] in try auditors.admitted(token: token, at: request.now) }
    }

    /// Counts and logs a wrong token: not the token itself, only the address.
    private func refuse(_ request: PageRequest) async throws {
        throttle.failed(request.address, at: request.now)
        var entry = AccessEntry(.refused)
        entry.address = request.address
        try await recorder.record(entry)
    }

    private func challenge(_ text: String) -> Response {
        var response = plain(text, status: .unauthorized)
        response.headers[.wwwAuthenticate] = #"Bearer realm="Daybook""#
        return response
    }

    private func held(_ seconds: Int) -> Response {
        var response = plain(
            "Too many wrong tokens were sent from your address. Try again in \(seconds) s.", status: .tooManyRequests)
        response.headers[.retryAfter] = "\(seconds)"
        return response
    }

    // MARK: - The form

    func signInPage(_ request: PageRequest, problem: String? = nil, next: String? = nil) -> Response {
        struct Values { let problem: String?, proof, next: String }
        let cookie = request.cookie(formCookie).flatMap { $0.utf8.count == 64 ? $0 : nil } ?? RandomText.make()
        let page = Page(
            title: "Sign in",
            main: templates.render(
                .signIn,
                Values(
                    problem: problem, proof: forms.proof(for: cookie),
                    next: Self.safe(next ?? request.query["next"]))))
        var response = html(inLayout(page, nil), status: problem == nil ? .ok : .forbidden)
        response.headers[values: .setCookie] = [setCookie(formCookie, cookie)]
        return response
    }

    /// The path to open after signing in: one of this page, or the start. Never another site.
    static func safe(_ next: String?) -> String {
        guard let next, let path = next.split(separator: "?", maxSplits: 1).first, Route(path: String(path)) != nil,
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return "/" }
        return next
    }

    func signIn(_ request: PageRequest) async throws -> Response {
        guard let form = try await form(request), let cookie = request.cookie(formCookie),
            let proof = form["proof"], forms.isProof(proof, for: cookie)
        else {
            return signInPage(
                request, problem: "This page was open for too long, or your browser rejects cookies. Try again.")
        }
        let next = Self.safe(form["next"])
        if let wait = throttle.wait(request.address, at: request.now) {
            var response = signInPage(
                request, problem: "Too many wrong tokens were sent from your address. Try again in \(wait) seconds.",
                next: next)
            response.status = .tooManyRequests
            response.headers[.retryAfter] = "\(wait)"
            return response
        }
        let token = (form["token"] ?? "").filter { !$0.isWhitespace }
        guard let auditor = try await auditor(token: token, request) else {
            try await refuse(request)
            return signInPage(request, problem: "The token is unknown or no longer valid.", next: next)
        }
        var entry = AccessEntry(.signIn, auditor: auditor.grant.name)
        entry.address = request.address
        try await recorder.record(entry)
        let session = sessions.begin(tokenHash: auditor.grant.tokenHash, at: request.now)
        var response = redirect(to: next)
        response.headers[values: .setCookie] = [
            setCookie(sessionCookie, session), setCookie(formCookie, "", ends: true),
        ]
        return response
    }

    func signOut(_ request: PageRequest) async throws -> Response {
        guard let form = try await form(request), let cookie = request.cookie(sessionCookie),
            let proof = form["proof"], forms.isProof(proof, for: cookie)
        else { return redirect(to: .businesses) }
        if let hash = sessions.tokenHash(cookie: cookie, at: request.now) {
            let auditor = try await reading { [auditors] in try auditors.admitted(tokenHash: hash, at: request.now) }
            var entry = AccessEntry(.signOut, auditor: auditor?.grant.name)
            entry.address = request.address
            try await recorder.record(entry)
        }
        sessions.end(cookie: cookie)
        var response = redirect(to: .signIn)
        response.headers[values: .setCookie] = [setCookie(sessionCookie, "", ends: true)]
        return response
    }

    /// Returns the form, or `nil` if the body is not a form, is too long, or was filled in elsewhere (Fetch
    /// Metadata, `Sec-Fetch-Site`).
    private func form(_ request: PageRequest) async throws -> FormFields? {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.http.headers[$0] }
        guard site == nil || site == "same-origin",
            request.http.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        else { return nil }
        var http = request.http
        guard let body = try? await http.collectBody(upTo: 8192) else { return nil }
        return FormFields(String(buffer: body))
    }
}
