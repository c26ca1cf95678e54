import AccessLog
import Archive
import SweepSupport
import TestSupport
import Testing
import Webhooks

@testable import AuditorPage

/// Who tried to see what, and what they got.
@Suite struct ScopeTests {
    let bench: PageBench
    init() throws { bench = try PageBench() }

    private static let day = "2026-11-24"
    private static let paths = [
        "", "/2026-11-24", "/2026-11-24/check", "/2026-11-24/events.ndjson.gz", "/2026-11-24/ledger.ndjson.gz",
        "/2026-11-24/leaf.sha256", "/2026-11-24/seal.sha256", "/export.tar",
        "/export.tar?from=2026-11-24&to=2026-11-24", "?year=2026", "/2026-11-24?page=2",
    ]

    private func event(_ business: String) throws -> String {
        try #require(try bench.fixture.events(business, Self.day).first).id.description
    }

    @Test(arguments: paths) func outOfScopeLooksLikeNonexistent(_ path: String) async throws {
        let kim = try bench.token("Kim", ["kora"])
        let nothing = await bench.ask("/b/production/nobody\(path)", token: kim)
        let others = await bench.ask("/b/production/acme\(path)", token: kim)
        #expect(nothing.status == 404)
        #expect(others.status == nothing.status && others.body == nothing.body && others.headers == nothing.headers)
        #expect(await bench.ask("/b/sandbox/acme\(path)", token: kim).body == nothing.body)
    }

    @Test func anEventOfAnotherBusinessIsNotFound() async throws {
        let kim = try bench.token("Kim", ["kora"])
        let acmes = try event("acme")
        let none = "00000000-0000-7000-8000-000000000000"
        for rest in ["", "/payload"] {
            let nothing = await bench.ask("/b/production/kora/2026-11-24/events/\(none)\(rest)", token: kim)
            #expect(nothing.status == 404)
            for place in ["acme", "kora"] {
                let others = await bench.ask("/b/production/\(place)/2026-11-24/events/\(acmes)\(rest)", token: kim)
                #expect(others.status == 404 && others.body == nothing.body && others.headers == nothing.headers)
            }
        }
        let (found, missing) = (
            await bench.ask("/search?q=\(acmes)", token: kim), await bench.ask("/search?q=\(none)", token: kim)
        )
        #expect(found.status == 200 && found.text.replacing(acmes, with: none) == missing.text)
        let own = try event("kora")
        #expect(
            await bench.ask("/search?q=\(own)", token: kim)["Location"] == "/b/production/kora/2026-11-24/events/\(own)"
        )
    }

    @Test func theStartPageShowsOnlyTheScope() async throws {
        let kim = try bench.token("Kim", ["kora"])
        let ada = try bench.token("Ada")
        let kims = await bench.ask("/", token: kim).text
        #expect(kims.contains("kora") && !kims.contains("acme") && !kims.contains("onerror"))
        let adas = await bench.ask("/", token: ada).text
        #expect(adas.contains("/b/production/acme") && adas.contains("/b/sandbox/acme") && adas.contains("kora"))
        #expect(!(await bench.ask("/search", token: kim).text.contains("acme")))
    }

    @Test func environmentsAndDaysAreEnforced() async throws {
        let live = try bench.token("Live", ["acme"], environments: [.production], from: "2026-11-24", to: "2026-11-30")
        #expect(await bench.ask("/b/production/acme/2026-11-24", token: live).status == 200)
        #expect(await bench.ask("/b/production/acme/2026-11-23", token: live).status == 404)
        #expect(await bench.ask("/b/production/acme/2026-11-23/events.ndjson.gz", token: live).status == 404)
        #expect(await bench.ask("/b/sandbox/acme/2026-11-24", token: live).status == 404)
        let page = await bench.ask("/b/production/acme", token: live).text
        #expect(page.contains("2026-11-24") && !page.contains("2026-11-23"))
        #expect(!(await bench.ask("/b/production/acme/2026-11-24", token: live).text.contains("2026-11-23")))
        let bundle = await bench.ask("/b/production/acme/export.tar?from=2026-01-01", token: live)
        #expect(bundle.status == 200 && !bundle.text.contains("day=2026-11-23"))
    }

    @Test(arguments: [
        "/b/production/../../../etc/passwd", "/b/production/..", "/b/production/.", "/b/production/%2e%2e",
        "/b/production/..%2f..%2fetc", "/b/production/acme/../kora", "/b/production//2026-11-24", "/b/PRODUCTION/acme",
        "/b/production/acme/2026-11-24/../../../_daybook.json", "/b/production/acme/2026-13-01", "/_access",
        "/_index.sqlite",
        "/b/production/_seals", "/b/production/acme/2026-11-24/_daybook.json", "/b/production/acme+00/2026-11-24",
        "/b/production/+2E+2E+2Fkora/2026-11-24", "//evil.test/", "/b/production/kora%00",
        "/b/production/kora/2026-11-24/",
    ])
    func aPathInPlaceOfABusinessIsNotThere(_ path: String) async throws {
        let kim = try bench.token("Kim", ["kora"])
        let nothing = await bench.ask("/b/production/nobody", token: kim)
        let answer = await bench.ask(path, token: kim)
        #expect(answer.status == 404 && answer.body == nothing.body)
    }

    @Test func everyAttemptIsLogged() async throws {
        let kim = try bench.token("Kim", ["kora"])
        _ = await bench.ask("/b/production/acme", token: kim)
        _ = await bench.ask("/b/production/kora/2026-11-24/events.ndjson.gz", token: kim)
        let entries = try bench.responder.auditors.log.entries().dropFirst()
        #expect(entries.map(\.kind) == [.page, .retrieval, .end])
        #expect(entries.first?.status == 404 && entries.first?.what == "/b/production/acme")
        let end = try #require(entries.last)
        #expect(end.whole == true && end.retrieval == entries.dropFirst().first?.retrieval)
        #expect(
            end.bytes == (try bench.fixture.folder.read("archive/" + SweepFixture.archivePath("kora", Self.day)).count))
    }
}
