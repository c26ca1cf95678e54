import SweepSupport
import Testing
import Webhooks

@testable import AuditorPage

@Suite struct SessionsTests {
    let sessions = Sessions()
    let clock = TestClock()
    let hash = ContentHash(of: [1])

    @Test func aSessionEndsAfterIdlingOrItsMaximumLife() {
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

    @Test func aForgedOrEndedCookieIsInvalid() {
        let cookie = sessions.begin(tokenHash: hash, at: clock.now)
        for forged in ["", String(cookie.dropLast()), cookie.uppercased() + "0", "../" + cookie] {
            #expect(sessions.tokenHash(cookie: forged, at: clock.now) == nil)
        }
        sessions.end(cookie: cookie)
        #expect(sessions.tokenHash(cookie: cookie, at: clock.now) == nil)
    }

    @Test func aFormProofIsValidForItsCookieOnly() {
        let proof = FormProof()
        let made = proof.proof(for: "a")
        #expect(proof.isProof(made, for: "a") && !proof.isProof(made, for: "b") && !proof.isProof("", for: "a"))
        #expect(!FormProof().isProof(made, for: "a"))
    }
}
