import Archive
import SweepSupport
import TestSupport
import Testing
import Webhooks

@testable import AccessLog

@Suite struct AuditorsTests {
    let folder: TemporaryDirectory
    let auditors: Auditors
    let clock = TestClock()
    let scope = Scope(
        businesses: [.named("acme"), .unassigned], environments: [.production], from: CivilDate("2026-01-01"), to: nil)

    init() throws {
        folder = try TemporaryDirectory(inMemory: true)
        let archive = try ArchiveFolder.make(folder("archive"), timeZone: nil)
        auditors = Auditors(try AccessLogFolder(in: archive) { [clock] in clock.now })
    }

    private func add(_ name: String, expires: String = "2026-12-01T00:00:00.000Z") throws -> String {
        try auditors.add(name: name, scope: scope, expires: Timestamp(expires)!, by: "root", at: clock.now)
    }

    @Test func aTokenIsValidUntilItExpires() throws {
        let token = try add("Ada", expires: "2026-11-25T03:00:00.000Z")
        #expect(try auditors.admitted(token: token, at: clock.now)?.grant.scope == scope)
        clock.advance(hours: 1)
        #expect(try auditors.admitted(token: token, at: clock.now) == nil)
    }

    @Test func noFileContainsTheToken() throws {
        let token = try add("Ada")
        for path in try folder.files(below: "archive/_access") {
            let text = String(decoding: try folder.read("archive/_access/\(path)"), as: UTF8.self)
            #expect(!text.contains(token) && !text.contains(token.dropFirst(8)))
        }
    }

    @Test func aRevocationIsSeenAtOnce() throws {
        let token = try add("Ada")
        let other = Auditors(auditors.log)
        #expect(try other.admitted(token: token, at: clock.now) != nil)
        try auditors.revoke(name: "Ada", by: "root")
        #expect(try other.admitted(token: token, at: clock.now) == nil)
        #expect(throws: AuditorsError.self) { try auditors.revoke(name: "Ada", by: "root") }
    }

    @Test func aNameCanBeReusedAfterRevocation() throws {
        let first = try add("Ada")
        #expect(throws: AuditorsError.self) { try add("Ada") }
        try auditors.revoke(name: "Ada", by: "root")
        let second = try add("Ada")
        #expect(try auditors.admitted(token: first, at: clock.now) == nil)
        #expect(try auditors.admitted(token: second, at: clock.now) != nil)
    }

    @Test(arguments: ["", " ", "daybook_", "daybook_" + String(repeating: "0", count: 64), "Ada", "é"])
    func anUnknownTokenIsInvalid(_ token: String) throws {
        _ = try add("Ada")
        #expect(try auditors.admitted(token: token, at: clock.now) == nil)
    }

    @Test func aScopeRoundTrips() throws {
        _ = try add("Ada")
        #expect(try Auditors(auditors.log).all().map(\.grant.scope) == [scope])
        #expect(scope.covers(segment: "acme") && scope.covers(segment: "_unassigned") && !scope.covers(segment: "kora"))
        #expect(!scope.covers(segment: Business.named("_unassigned").segment))
        #expect(!scope.covers(CivilDate("2025-12-31")!) && scope.covers(CivilDate("2026-01-01")!))
    }

    @Test(arguments: ["", " Ada", "Ada ", "A\u{202E}da", "A\nda", String(repeating: "a", count: 81)])
    func aNameIsOneLineOfVisibleText(_ name: String) { #expect(!Grant.isName(name)) }
}
