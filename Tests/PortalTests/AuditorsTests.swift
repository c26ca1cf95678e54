import Archive
import TestSupport
import Testing
import Webhooks

@testable import Portal

@Suite struct AuditorsTests {
    let folder: TemporaryDirectory
    let auditors: Auditors
    let clock = TestClock()
    let scope = Scope(
        businesses: [.named("acme"), .unassigned], environments: [.production], from: CivilDate("2026-01-01"), to: nil)

    init() throws {
        folder = try TemporaryDirectory(inMemory: true)
        let archive = try ArchiveFolder.make(folder("archive"), timeZone: nil)
        auditors = Auditors(try AccessLog(in: archive) { [clock] in clock.now })
    }

    private func add(_ name: String, expires: String = "2026-12-01T00:00:00.000Z") throws -> String {
        try auditors.add(name: name, scope: scope, expires: Timestamp(expires)!, by: "root", at: clock.now)
    }

    @Test func aTokenAdmitsUntilItExpires() throws {
        let token = try add("Ada", expires: "2026-11-25T03:00:00.000Z")
        #expect(try auditors.admitted(token: token, at: clock.now)?.grant.scope == scope)
        clock.advance(hours: 1)
        #expect(try auditors.admitted(token: token, at: clock.now) == nil)
    }

    @Test func noFileHoldsTheToken() throws {
        let token = try add("Ada")
        for path in try folder.files(below: "archive/_access") {
            let text = String(decoding: try folder.read("archive/_access/\(path)"), as: UTF8.self)
            #expect(!text.contains(token) && !text.contains(token.dropFirst(8)))
        }
    }

    @Test func aRevocationIsSeenAtOnceByWhoeverReads() throws {
        let token = try add("Ada")
        let other = Auditors(auditors.log)
        #expect(try other.admitted(token: token, at: clock.now) != nil)
        try auditors.revoke(name: "Ada", by: "root")
        #expect(try other.admitted(token: token, at: clock.now) == nil)
        #expect(throws: AuditorsError.self) { try auditors.revoke(name: "Ada", by: "root") }
    }

    @Test func aNameIsGivenAgainOnlyOnceItIsFree() throws {
        let first = try add("Ada")
        #expect(throws: AuditorsError.self) { try add("Ada") }
        try auditors.revoke(name: "Ada", by: "root")
        let second = try add("Ada")
        #expect(try auditors.admitted(token: first, at: clock.now) == nil)
        #expect(try auditors.admitted(token: second, at: clock.now) != nil)
    }

    @Test(arguments: ["", " ", "daybook_", "daybook_" + String(repeating: "0", count: 64), "Ada", "é"])
    func nobodysTokenAdmitsNobody(_ token: String) throws {
        _ = try add("Ada")
        #expect(try auditors.admitted(token: token, at: clock.now) == nil)
    }

    @Test func aScopeIsReadBackAsItWasGiven() throws {
        _ = try add("Ada")
        #expect(try Auditors(auditors.log).all().map(\.grant.scope) == [scope])
        #expect(scope.covers(segment: "acme") && scope.covers(segment: "_unassigned") && !scope.covers(segment: "kora"))
        #expect(!scope.covers(segment: Business.named("_unassigned").segment))
        #expect(!scope.covers(CivilDate("2025-12-31")!) && scope.covers(CivilDate("2026-01-01")!))
    }

    @Test(arguments: ["", " Ada", "Ada ", "A\u{202E}da", "A\nda", String(repeating: "a", count: 81)])
    func aNameIsOneLineOfVisibleText(_ name: String) { #expect(!Grant.isName(name)) }
}

@Suite struct SignInThrottleTests {
    let throttle = SignInThrottle()
    let clock = TestClock()

    @Test func anAddressIsHeldAfterItsFailuresAndLetGoAgain() {
        for _ in 0..<SignInThrottle.burst {
            #expect(throttle.wait("192.0.2.7", at: clock.now) == nil)
            throttle.failed("192.0.2.7", at: clock.now)
        }
        let wait = throttle.wait("192.0.2.7", at: clock.now)
        #expect(wait == 6)
        #expect(throttle.wait("192.0.2.8", at: clock.now) == nil)
        clock.advance(seconds: wait ?? 0)
        #expect(throttle.wait("192.0.2.7", at: clock.now) == nil)
    }

    @Test func manyAddressesTogetherAreHeldToo() {
        var taken = 0
        for number in 0..<1000 where throttle.wait("192.0.2.\(number)", at: clock.now) == nil {
            throttle.failed("192.0.2.\(number)", at: clock.now)
            taken += 1
        }
        #expect((90...101).contains(taken))
    }
}

@Suite struct SessionsTests {
    let sessions = Sessions()
    let clock = TestClock()
    let hash = ContentHash(of: [1])

    @Test func aSessionEndsWhenItIsIdleAndInAnyCase() {
        let cookie = sessions.begin(tokenHash: hash, at: clock.now)
        for _ in 0..<11 {
            clock.advance(hours: 1)
            #expect(sessions.tokenHash(cookie: cookie, at: clock.now) == hash)
        }
        clock.advance(hours: 1)
        #expect(sessions.tokenHash(cookie: cookie, at: clock.now) == nil)
        let other = sessions.begin(tokenHash: hash, at: clock.now)
        clock.advance(hours: 2)
        #expect(sessions.tokenHash(cookie: other, at: clock.now) == nil)
    }

    @Test func aForgedOrEndedCookieIsNobodys() {
        let cookie = sessions.begin(tokenHash: hash, at: clock.now)
        for forged in ["", String(cookie.dropLast()), cookie.uppercased() + "0", "../" + cookie] {
            #expect(sessions.tokenHash(cookie: forged, at: clock.now) == nil)
        }
        sessions.end(cookie: cookie)
        #expect(sessions.tokenHash(cookie: cookie, at: clock.now) == nil)
    }

    @Test func aFormsProofIsGoodForItsCookieOnly() {
        let proof = FormProof()
        let made = proof.proof(for: "a")
        #expect(proof.isProof(made, for: "a") && !proof.isProof(made, for: "b") && !proof.isProof("", for: "a"))
        #expect(!FormProof().isProof(made, for: "a"))
    }
}
