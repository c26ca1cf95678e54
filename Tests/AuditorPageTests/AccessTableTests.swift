import AccessLog
import Archive
import SweepSupport
import Testing
import Webhooks

@testable import AuditorPage

/// Who tried to see what, and what they got: every visitor before every door. `.ci/access` prints the table.
@Suite struct AccessTableTests {
    private enum Outcome: String {
        /// What was asked for, and of other businesses nothing.
        case seen
        /// The answer for what does not exist, to the byte.
        case nothing = "-"
        /// The way to the sign-in, which reveals nothing.
        case door
    }

    /// What a visitor brings along.
    private struct Visitor {
        let name: String
        var token: String?
        var cookie: String?
        /// Which of a business's days they were granted; nil where they are not admitted at all.
        var grant: ((_ environment: Webhooks.Environment, _ business: String, _ day: String) -> Bool)?
    }

    /// A door to something of one business, on one day.
    private struct Door {
        let name: String
        let path: String
        /// The same door to what does not exist.
        let twin: String
        var environment = Webhooks.Environment.production
        var day: String? = AccessTableTests.day
        /// Its page repeats what was asked for, found or not.
        var isSearch = false
    }

    private static let day = "2026-11-24"
    private static let days = ["2026-11-23", "2026-11-24"]
    private let bench: PageBench

    init() throws { bench = try PageBench() }

    @Test func everyVisitorRequestsEveryPath() async throws {
        let event = try #require(try bench.fixture.events("acme", Self.day).first)
        let (visitors, doors) = (try await visitors(), doors(event))
        var rows: [[String]] = []
        for door in doors {
            var row = [door.name]
            for visitor in visitors {
                let outcome = await outcome(visitor, door, secrets: secrets(event))
                let expected = expected(visitor, door)
                #expect(outcome == expected, "\(visitor.name), \(door.name): \(outcome.rawValue)")
                row.append(outcome.rawValue)
            }
            rows.append(row)
        }
        Self.show(visitors, rows)
        // Whoever was admitted is on record with what was asked for, whether it was there or not.
        let asked = try bench.responder.auditors.log.entries().filter { $0.kind == .page || $0.kind == .retrieval }
        for visitor in visitors where visitor.grant != nil {
            for door in doors {
                #expect(
                    asked.contains { $0.auditor == visitor.name && $0.what == door.path },
                    "\(visitor.name) \(door.path)")
            }
        }
    }

    private func visitors() async throws -> [Visitor] {
        let end = "2026-12-31"
        let gone = try bench.token("Gone")
        let goneCookie = try await bench.signIn(gone)
        try bench.responder.auditors.revoke(name: "Gone", by: "root")
        let late = try bench.token("Late", expires: "2026-11-25T02:00:01.000Z")
        bench.clock.advance(seconds: 60)
        return [
            Visitor(name: "nobody"),
            Visitor(name: "guess", token: "daybook_" + String(repeating: "0", count: 64)),
            Visitor(name: "forger", cookie: "daybook=" + String(repeating: "a", count: 64)),
            Visitor(name: "expired", token: late),
            Visitor(name: "revoked", token: gone),
            Visitor(name: "signed in, revoked", cookie: goneCookie),
            Visitor(name: "kora", token: try bench.token("kora", ["kora"])) { _, business, _ in business == "kora" },
            Visitor(
                name: "acme, sandbox", token: try bench.token("acme, sandbox", ["acme"], environments: [.sandbox])
            ) { environment, business, _ in business == "acme" && environment == .sandbox },
            Visitor(
                name: "acme, to 23rd", token: try bench.token("acme, to 23rd", ["acme"], to: "2026-11-23")
            ) { _, business, day in business == "acme" && day <= "2026-11-23" },
            Visitor(
                name: "acme, from 24th",
                token: try bench.token("acme, from 24th", ["acme"], from: "2026-11-24", to: end)
            ) { _, business, day in business == "acme" && day >= "2026-11-24" },
            Visitor(name: "acme", cookie: try await bench.signIn(try bench.token("acme", ["acme"]))) {
                _, business, _ in business == "acme"
            },
            Visitor(name: "all", token: try bench.token("all")) { _, _, _ in true },
        ]
    }

    private func doors(_ event: EventLine) -> [Door] {
        let (acme, none) = ("/b/production/acme", "/b/production/nobody")
        let (id, noID) = (event.id.description, "00000000-0000-7000-8000-000000000000")
        var doors = [
            Door(name: "business", path: acme, twin: none, day: nil),
            Door(name: "business, sandbox", path: "/b/sandbox/acme", twin: none, environment: .sandbox, day: nil),
            Door(name: "day before", path: "\(acme)/2026-11-23", twin: "\(none)/2026-11-23", day: "2026-11-23"),
            Door(name: "day", path: "\(acme)/\(Self.day)", twin: "\(none)/\(Self.day)"),
        ]
        for (name, rest) in [
            ("how to check it", "check"), ("archive", "events.ndjson.gz"), ("ledger", "ledger.ndjson.gz"),
            ("leaf", "leaf.sha256"), ("event", "events/\(id)"),
            ("payload", "events/\(id)/payload"),
        ] {
            doors.append(
                Door(
                    name: name, path: "\(acme)/\(Self.day)/\(rest)",
                    twin: "\(none)/\(Self.day)/\(rest.replacing(id, with: noID))"))
        }
        let span = "export.tar?from=\(Self.day)&to=\(Self.day)"
        doors.append(Door(name: "bundle", path: "\(acme)/\(span)", twin: "\(none)/\(span)"))
        doors.append(Door(name: "search, by id", path: "/search?q=\(id)", twin: "/search?q=\(noID)", isSearch: true))
        let (hash, noHash) = (event.hash.description, String(repeating: "0", count: 64))
        for (name, value, other) in [
            ("search, by hash", hash, noHash), ("search, by value", "RECORD_CREATED", "RECORD_NOTHING"),
        ] {
            doors.append(
                Door(
                    name: name, path: "/search?q=\(value)&in=production/acme&from=\(Self.day)",
                    twin: "/search?q=\(other)&in=production/acme&from=\(Self.day)", isSearch: true))
        }
        return doors
    }

    /// What nobody may learn who was not granted acme's day.
    private func secrets(_ event: EventLine) -> [String] {
        [event.id.description, event.hash.description, String(decoding: event.payload, as: UTF8.self)]
    }

    private func expected(_ visitor: Visitor, _ door: Door) -> Outcome {
        guard let grant = visitor.grant else { return .door }
        let days = door.day.map { [$0] } ?? Self.days
        return days.contains { grant(door.environment, "acme", $0) && isThere(door, $0) } ? .seen : .nothing
    }

    /// In the sandbox, acme has the 24th only.
    private func isThere(_ door: Door, _ day: String) -> Bool { door.environment == .production || day == Self.day }

    private func outcome(_ visitor: Visitor, _ door: Door, secrets: [String]) async -> Outcome {
        func ask(_ path: String) async -> PageBench.Answer {
            // As slowly as wrong tokens have to come, to be looked at and not just held up.
            bench.clock.advance(seconds: Int(SignInThrottle.interval) / 1000)
            return await bench.ask(path, token: visitor.token, cookie: visitor.cookie)
        }
        let (answer, twin) = (await ask(door.path), await ask(door.twin))
        guard answer.status != 401 else {
            #expect(answer.body == twin.body && answer["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
            return .door
        }
        if door.isSearch {
            if answer.status == 303 { return .seen }
            func rest(_ answer: PageBench.Answer, _ path: String) -> String {
                answer.text.replacing(path.dropFirst("/search?q=".count).prefix { $0 != "&" }, with: "")
            }
            if rest(answer, door.path) == rest(twin, door.twin) { return .nothing }
            #expect(secrets.contains { rest(answer, door.path).contains($0) }, "\(visitor.name), \(door.name)")
            return .seen
        }
        if answer.status == 404 {
            #expect(answer.body == twin.body && answer.headers == twin.headers)
            for secret in secrets { #expect(!answer.text.contains(secret)) }
            return .nothing
        }
        #expect(
            answer.status == 200 && answer.isWhole && !answer.text.contains("kora"), "\(visitor.name), \(door.name)")
        return .seen
    }

    private static func show(_ visitors: [Visitor], _ rows: [[String]]) {
        let table = [["access"] + visitors.map(\.name)] + rows
        let widths = (0...visitors.count).map { column in table.map { $0[column].count }.max() ?? 0 }
        for row in table {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print("access | " + cells.joined(separator: " | ").trimmingSuffix { $0 == " " })
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
