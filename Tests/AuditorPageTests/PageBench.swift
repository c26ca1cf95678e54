import AccessLog
import Archive
import Configuring
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SweepSupport
import Synchronization
import Testing
import Webhooks

@testable import AuditorPage

/// An archive with some nights' sweeps, and the auditors' page over it, without a network between.
final class PageBench: Sendable {
    let fixture: SweepFixture
    let responder: PageResponder
    let clock: TestClock
    static let address = "192.0.2.7"

    /// - Parameter fill: puts deliveries into the spool; they are swept on the night to 2026-11-25.
    init(
        certificate: Bool = false, trusting proxies: [String] = [],
        _ fill: (inout SweepFixture) throws -> Void = PageBench.someBusinesses
    ) throws {
        var fixture = try SweepFixture()
        try fill(&fixture)
        try fixture.sweep()
        self.fixture = fixture
        let clock = TestClock()
        self.clock = clock
        var configuration = PageConfiguration(program: "Daybook test")
        if certificate { configuration.certificate = ("chain.pem", "key.pem") }
        configuration.trustedProxies = TrustedProxies(proxies.compactMap { AddressRange($0) })
        responder = try PageResponder(
            fixture.archive, configuration, log: Logger(label: "") { _ in SwiftLogNoOpLogHandler() }
        ) { clock.now }
    }

    /// acme on two days and in both environments, kora on one, and one whose name is an attack.
    static func someBusinesses(_ fixture: inout SweepFixture) throws {
        func event(_ number: Int, _ business: String, _ note: String = "") -> String {
            #"{"event":"RECORD_CREATED","data":{"business_id":"\#(business)","n":\#(number),"note":"\#(note)"}}"#
        }
        try fixture.receive(event(1, "acme"), at: "2026-11-23T08:00:00.000Z")
        try fixture.receive(event(2, "acme", "<script>alert(1)</script>"), at: "2026-11-24T08:00:00.000Z")
        try fixture.receive(event(3, "acme"), at: "2026-11-24T09:00:00.000Z")
        try fixture.receive(event(3, "acme"), at: "2026-11-24T09:05:00.000Z")
        try fixture.receive(event(4, "acme"), at: "2026-11-24T10:00:00.000Z", .sandbox)
        try fixture.receive(event(5, "kora"), at: "2026-11-24T11:00:00.000Z")
        try fixture.receive(event(6, attack.replacing("\"", with: "\\\"")), at: "2026-11-24T12:00:00.000Z")
    }

    static let attack = #""><img src=x onerror=alert(1)>"#

    func token(
        _ name: String, _ businesses: [String]? = nil, environments: [Webhooks.Environment] = Environment.allCases,
        from: String? = nil, to: String? = nil, expires: String = "2027-01-01T00:00:00.000Z"
    ) throws -> String {
        try responder.auditors.add(
            name: name,
            scope: Scope(
                businesses: businesses?.map { .named($0) }, environments: environments,
                from: from.flatMap { CivilDate($0) },
                to: to.flatMap { CivilDate($0) }),
            expires: Timestamp(expires)!, by: "root", at: clock.now)
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]
        /// Whether the body ended as it should.
        let isWhole: Bool
        var text: String { String(decoding: body, as: UTF8.self) }

        subscript(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

        /// The value of a cookie that was set.
        func cookie(_ name: String) -> String? {
            headers[values: .setCookie].first { $0.hasPrefix("\(name)=") }.map { field in
                String(field.dropFirst(name.count + 1).prefix { $0 != ";" })
            }
        }
    }

    func ask(
        _ path: String, method: HTTPRequest.Method = .get, token: String? = nil, cookie: String? = nil,
        headers: [String: String] = [:], form: String? = nil, from address: String = PageBench.address
    ) async -> Answer {
        var fields = HTTPFields()
        if let token { fields[.authorization] = "Bearer \(token)" }
        if let cookie { fields[.cookie] = cookie }
        if form != nil { fields[.contentType] = "application/x-www-form-urlencoded" }
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        let request = Request(
            head: HTTPRequest(
                method: method, scheme: "http", authority: "audit.test", path: path, headerFields: fields),
            body: RequestBody(buffer: ByteBuffer(string: form ?? "")))
        let response = await responder.respond(to: request, from: address)
        let taken = Taken()
        var isWhole = true
        do { try await response.body.write(Writer(taken: taken)) } catch { isWhole = false }
        return Answer(
            status: response.status.code, headers: response.headers, body: taken.bytes.withLock { $0 },
            isWhole: isWhole && taken.isFinished.withLock { $0 })
    }

    /// Signs in by the form, as a browser does, and returns the cookie to send.
    func signIn(_ token: String) async throws -> String {
        let door = await ask("/sign-in")
        let form = try #require(door.cookie("daybook-form"))
        let proof = try #require(door.text.firstMatch(of: #/name="proof" value="([0-9a-f]+)"/#)?.1)
        let answer = await ask(
            "/sign-in", method: .post, cookie: "daybook-form=\(form)", form: "proof=\(proof)&token=\(token)")
        #expect(answer.status == 303)
        return "daybook=\(try #require(answer.cookie("daybook")))"
    }

    private final class Taken: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let isFinished = Mutex(false)
    }

    private struct Writer: ResponseBodyWriter {
        let taken: Taken
        mutating func write(_ buffer: ByteBuffer) async throws {
            taken.bytes.withLock { $0 += Array(buffer: buffer) }
        }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws { taken.isFinished.withLock { $0 = true } }
    }
}
