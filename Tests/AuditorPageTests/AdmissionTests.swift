import AccessLog
import HTTPTypes
import SweepSupport
import Testing

@testable import AuditorPage

@Suite struct AdmissionTests {
    let bench: PageBench
    init() throws { bench = try PageBench() }

    private let page = ["Accept": "text/html"]

    @Test func unknownVisitorsAreRedirectedToSignIn() async throws {
        let browser = await bench.ask("/b/production/acme?year=2026", headers: page)
        #expect(browser.status == 303 && browser["Location"] == "/sign-in?next=%2Fb%2Fproduction%2Facme%3Fyear%3D2026")
        let curl = await bench.ask("/b/production/acme")
        #expect(curl.status == 401 && curl["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        #expect(await bench.ask("/b/production/nobody").body == curl.body)
    }

    @Test func sessionsBeginAndEndWithTheForms() async throws {
        let cookie = try await bench.signIn(try bench.token("Ada"))
        let start = await bench.ask("/", cookie: cookie)
        #expect(start.status == 200)
        let proof = try #require(start.text.firstMatch(of: #/name="proof" value="([0-9a-f]+)"/#)?.1)
        _ = await bench.ask("/sign-out", method: .post, cookie: cookie, form: "proof=0")
        #expect(await bench.ask("/", cookie: cookie).status == 200)
        _ = await bench.ask("/sign-out", method: .post, cookie: cookie, form: "proof=\(proof)")
        #expect(await bench.ask("/", cookie: cookie).status == 401)
        #expect(try bench.responder.auditors.log.entries().map(\.kind).suffix(3) == [.page, .page, .signOut])
    }

    @Test(arguments: [
        "daybook=", "daybook=0", "daybook=" + String(repeating: "0", count: 64), "daybook=../../x", "daybook-form=x",
        "other=1; daybook=' OR 1=1",
    ])
    func aForgedCookieAdmitsNobody(_ cookie: String) async throws {
        _ = try await bench.signIn(try bench.token("Ada"))
        #expect(await bench.ask("/", cookie: cookie).status == 401)
    }

    @Test func anExpiredTokenEndsItsSessions() async throws {
        let token = try bench.token("Ada", expires: "2026-11-25T02:30:00.000Z")
        let cookie = try await bench.signIn(token)
        #expect(await bench.ask("/", token: token).status == 200)
        bench.clock.advance(seconds: 1800)
        #expect(await bench.ask("/", token: token).status == 401)
        #expect(await bench.ask("/", cookie: cookie).status == 401)
    }

    @Test func aRevocationEndsSessionsAtOnce() async throws {
        let cookie = try await bench.signIn(try bench.token("Ada"))
        try bench.responder.auditors.revoke(name: "Ada", by: "root")
        #expect(await bench.ask("/", cookie: cookie).status == 401)
    }

    @Test func aThousandWrongTokensBlockNobodyElse() async throws {
        let token = try bench.token("Ada")
        let cookie = try await bench.signIn(token)
        var statuses: [Int: Int] = [:]
        for number in 0..<1000 {
            statuses[await bench.ask("/", token: "daybook_\(number)").status, default: 0] += 1
        }
        #expect(statuses == [401: SignInThrottle.burst, 429: 1000 - SignInThrottle.burst])
        #expect(try bench.responder.auditors.log.entries().count { $0.kind == .refused } == SignInThrottle.burst)
        #expect(await bench.ask("/", token: token)["Retry-After"] == "6")
        #expect(await bench.ask("/", cookie: cookie).status == 200)
        #expect(await bench.ask("/", token: token, from: "198.51.100.1").status == 200)
        bench.clock.advance(seconds: 6)
        #expect(await bench.ask("/", token: token).status == 200)
    }

    @Test func theFormIsAcceptedOnlyFromItsPage() async throws {
        let token = try bench.token("Ada")
        let door = await bench.ask("/sign-in")
        let form = try #require(door.cookie("daybook-form"))
        let proof = try #require(door.text.firstMatch(of: #/name="proof" value="([0-9a-f]+)"/#)?.1)
        func post(cookie: String?, _ proof: some StringProtocol, _ headers: [String: String] = [:]) async -> Int {
            await bench.ask(
                "/sign-in", method: .post, cookie: cookie, headers: headers, form: "proof=\(proof)&token=\(token)"
            ).status
        }
        #expect(await post(cookie: nil, proof) == 403)
        #expect(await post(cookie: "daybook-form=other", proof) == 403)
        #expect(await post(cookie: "daybook-form=\(form)", "") == 403)
        #expect(await post(cookie: "daybook-form=\(form)", proof, ["Sec-Fetch-Site": "cross-site"]) == 403)
        #expect(await post(cookie: "daybook-form=\(form)", proof, ["Sec-Fetch-Site": "same-origin"]) == 303)
    }

    @Test(arguments: [
        ("/b/production/acme?year=2026", "/b/production/acme?year=2026"), ("//evil.test", "/"),
        ("https://evil.test", "/"),
        ("/\\evil.test", "/"), ("javascript:alert(1)", "/"), ("/b/production/acme\r\nSet-Cookie: a=b", "/"), ("", "/"),
    ])
    func afterTheDoorOneStaysHere(_ next: String, _ expected: String) { #expect(PageResponder.safe(next) == expected) }

    @Test func cookiesOverTLSAreSecure() async throws {
        let bench = try PageBench(certificate: true)
        let door = await bench.ask("/sign-in")
        let cookie = try #require(door["Set-Cookie"])
        #expect(
            cookie.hasPrefix("__Host-daybook-form=") && cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Strict; Secure"))
        #expect(door["Strict-Transport-Security"] != nil)
    }

    @Test(arguments: ["/", "/sign-in", "/style.css", "/b/production/acme/2026-11-24/events.ndjson.gz", "/nothing"])
    func everyAnswerHasSecurityHeaders(_ path: String) async throws {
        let answer = await bench.ask(path, token: try bench.token("Ada"))
        let policy = try #require(answer["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("script"))
        #expect(answer["X-Content-Type-Options"] == "nosniff" && answer["Content-Encoding"] == nil)
        #expect(answer["Cache-Control"]?.hasPrefix("private") == true)
        #expect(!answer.text.contains("<script") && !answer.text.contains(" style="))
    }

    @Test(arguments: ["/", "/b/production/acme", "/search"]) func onlyReadingMethodsAreAllowed(_ path: String)
        async throws
    {
        let token = try bench.token("Ada")
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = await bench.ask(path, method: .init(method)!, token: token)
            #expect(answer.status == 405 && answer["Allow"] == "GET, HEAD")
        }
    }
}
