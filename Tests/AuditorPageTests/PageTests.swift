import Archive
import Batch
import Configuring
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

@testable import AuditorPage

@Suite struct PageTests {
    let bench: PageBench
    init() throws { bench = try PageBench() }

    @Test func everyLinkResolves() async throws {
        let token = try bench.token("Ada")
        var (waiting, seen) = (["/"], Set(["/"]))
        while let path = waiting.popLast() {
            let answer = await bench.ask(path, token: token)
            #expect([200, 303].contains(answer.status), "\(path) is \(answer.status)")
            guard answer["Content-Type"]?.hasPrefix("text/html") == true else { continue }
            #expect(!answer.text.contains("Optional("), "\(path)")
            for link in answer.text.matches(of: #/(?:href|action)="(\/[^"#]*)/#) {
                let target = String(link.1).replacing("&amp;", with: "&")
                if target != "/sign-out", seen.insert(target).inserted { waiting.append(target) }
            }
        }
        #expect(seen.count > 30)
    }

    @Test func payloadTextIsEscaped() async throws {
        let token = try bench.token("Ada")
        let place = Route.Place(.production, .named(PageBench.attack)).path
        let events = try bench.fixture.events("acme", "2026-11-24").map {
            "/b/production/acme/2026-11-24/events/\($0.id)"
        }
        for path in ["/", "/search", place, "\(place)/2026-11-24", "\(place)/2026-11-24/check"] + events {
            let answer = await bench.ask(path, token: token)
            #expect(answer.status == 200, "\(path)")
            #expect(!answer.text.contains("<img") && !answer.text.contains("<script"), "\(path)")
        }
        #expect(await bench.ask(events[0], token: token).text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        let search = await bench.ask("/search?in=production/acme&q=%3Cscript%3Ealert", token: token)
        #expect(search.text.contains("&lt;script&gt;alert(1)") && !search.text.contains("<script"))
    }

    @Test(arguments: ["\"\u{301} onmouseover=x", "<\u{338}b>", "'\u{20DD}", "&\u{301}lt;", "\u{202E}gnp.exe"])
    func combiningAccentsDoNotPreventEscaping(_ text: String) throws {
        struct Values { let title, text: String }
        let html = try PageTemplates().render(
            .message, Values(title: VisibleText.line(text), text: VisibleText.line(text)))
        #expect(!html.contains("\u{202E}"))
        let inner = html.unicodeScalars.filter { "\"'".unicodeScalars.contains($0) }
        #expect(inner.count == 2)  // Those of the template's own link.
        #expect(html.unicodeScalars.count { $0 == "<" } == 8)
    }

    @Test func aDayShowsItsSealAndLateLines() async throws {
        let token = try bench.token("Ada")
        let path = "/b/production/acme/2026-11-24"
        #expect(await bench.ask(path, token: token).text.contains("Sealed and verified"))
        try bench.fixture.receive(
            #"{"event":"RECORD_CREATED","data":{"business_id":"acme","late":1}}"#, at: "2026-11-24T23:00:00.000Z")
        #expect(throws: Stopped.self) {
            try bench.fixture.sweep { point in if case .sealing = point { throw Stopped() } }
        }
        let grown = await bench.ask(path, token: token).text
        #expect(grown.contains("1 line arrived after the seal") && grown.contains("<dd>2</dd>"))
        let check = await bench.ask("\(path)/check", token: token).text
        #expect(check.contains("Late lines") && check.contains("head -c"))
        try bench.fixture.sweep()
        #expect(await bench.ask(path, token: token).text.contains("revision 2 of the day"))
    }

    /// A damaged file is shown as such until it is restored, also if the index had to be rebuilt without it.
    @Test func aDamagedDayIsShownAsDamaged() async throws {
        let token = try bench.token("Ada")
        let day = "/b/production/acme/2026-11-24"
        let path = bench.fixture.folder("archive/" + SweepFixture.archivePath("acme", "2026-11-24"))
        let sound = try Data(contentsOf: URL(filePath: path))
        var changed = sound
        changed[30] ^= 1
        for bytes in [changed, sound.dropLast(20)] {
            try bytes.write(to: URL(filePath: path))
            #expect(await bench.ask(day, token: token).text.contains("It does not verify."))
            #expect(await !bench.ask("/b/production/kora/2026-11-24", token: token).text.contains("not verify"))
        }
        try changed.write(to: URL(filePath: path))
        bench.fixture.removeIndex()
        try Recovery.reindex(bench.fixture.configuration.archive) { _, _, _ in }
        let shown = await bench.ask(day, token: token).text
        #expect(shown.contains("2 lines of this day cannot be read, since a file is damaged."))
        #expect(shown.contains("It does not verify."))
        #expect(await !bench.ask("/b/production/kora/2026-11-24", token: token).text.contains("cannot be read"))
        try sound.write(to: URL(filePath: path))
        try bench.fixture.sweep()
        let restored = await bench.ask(day, token: token).text
        #expect(restored.contains("Sealed and verified") && !restored.contains("cannot be read"))
    }

    private struct Stopped: Error {}

    @Test func anEventShowsItsPayloadAndThatItsHashMatches() async throws {
        let token = try bench.token("Ada")
        let event = try #require(try bench.fixture.events("acme", "2026-11-24").last)
        let text = await bench.ask("/b/production/acme/2026-11-24/events/\(event.id)", token: token).text
        #expect(text.contains("computed just now: the same") && text.contains("\(event.hash)"))
        #expect(text.contains("  &quot;data&quot;: {\n    &quot;business_id&quot;: &quot;acme&quot;,\n"))
        let command = try #require(text.firstMatch(of: #/aria-label="Commands">([^<]+)</#)?.1)
        let shell = command.replacing("&#39;", with: "'").replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
        let folder = try TemporaryDirectory()
        try folder.write(
            try bench.fixture.folder.read("archive/" + SweepFixture.archivePath("acme", "2026-11-24")),
            to: "acme_production_2026-11-24.ndjson.gz")
        let result = try run("/bin/sh", ["-c", String(shell)], in: folder.path)
        #expect(result.text == "\(event.hash)  -\n")
    }

    @Test func anErasedEventIsShownAsGone() async throws {
        let token = try bench.token("Ada")
        let day = "/b/production/acme/2026-11-24"
        let event = try #require(try bench.fixture.events("acme", "2026-11-24").last)
        let record = try #require(try bench.fixture.erase(.events([event.id], .production)).record)
        let page = await bench.ask("\(day)/events/\(event.id)", token: token)
        #expect(page.status == 200 && page.text.contains("This event is gone. It was erased by a recorded decision."))
        #expect(page.text.contains("Record \(record) of the archive") && page.text.contains("\(event.hash)"))
        #expect(!page.text.contains("ada") && !page.text.contains("asked to"))
        #expect(await bench.ask("\(day)/events/\(event.id)/payload", token: token).status == 404)
        let shown = await bench.ask(day, token: token).text
        #expect(shown.contains("<span class=\"warn\">erased</span>") && shown.contains("Sealed and verified"))
        #expect(await bench.ask("\(day)/check", token: token).text.contains("1 tombstone"))
    }

    @Test func searchFindsByIdHashAndValue() async throws {
        let token = try bench.token("Ada")
        let event = try #require(try bench.fixture.events("acme", "2026-11-24").last)
        #expect(await bench.ask("/search?q=\(event.id)", token: token).status == 303)
        let again = try #require(try bench.fixture.redeliveries("acme", "2026-11-24").first).id
        #expect(
            await bench.ask("/search?q=\(again)", token: token)["Location"]
                == "/b/production/acme/2026-11-24/events/\(event.id)")
        for query in ["\(event.hash)", #"%22n%22%3A3"#] {
            let answer = await bench.ask("/search?q=\(query)&in=production/acme", token: token)
            #expect(answer.isWhole && answer.text.contains("events/\(event.id)"), "\(query)")
            #expect(answer.text.contains("1 event found") && answer.text.hasSuffix("</html>\n"))
        }
        let nothing = await bench.ask("/search?q=nowhere+at+all&in=production/acme", token: token)
        #expect(nothing.text.contains("Nothing was found in 3 events. That is all."))
        let elsewhere = await bench.ask("/search?q=RECORD_CREATED&in=production/acme&to=2026-11-23", token: token)
        #expect(elsewhere.text.contains("1 event found"))
        #expect(await bench.ask("/search?q=x", token: token).text.contains("Choose a business"))
    }

    @Test func nothingIsServedWithoutALogEntry() async throws {
        let token = try bench.token("Ada")
        let path = bench.fixture.folder("archive/_access")
        // Where its file should be, there is something that cannot be written to.
        try FileManager.default.createDirectory(atPath: path + "/2026-11-25.ndjson", withIntermediateDirectories: false)
        for path in ["/", "/b/production/acme/2026-11-24/events.ndjson.gz"] {
            let answer = await bench.ask(path, token: token)
            #expect(answer.status == 503 && answer["Retry-After"] == "30" && !answer.text.contains("acme"))
        }
    }

    @Test func withoutAnIndexTheAnswerIs503() async throws {
        let token = try bench.token("Ada")
        try FileManager.default.removeItem(atPath: bench.fixture.folder("archive/_index.sqlite"))
        #expect(await bench.ask("/", token: token).status == 503)
        try bench.fixture.sweep()
        #expect(await bench.ask("/", token: token).status == 200)
    }
}

@Suite struct PagePartsTests {
    @Test func numbersSizesAndDatesAreFormatted() {
        #expect(
            [0, 12, 999, 1000, 1_234_567, -1234].map(Display.number) == [
                "0", "12", "999", "1,000", "1,234,567", "−1,234",
            ])
        #expect([1, 999, 1500, 2_000_000].map(Display.size) == ["1 B", "999 B", "1.5 kB", "2.0 MB"])
        #expect(PageFormat.longDate(CivilDate("2026-11-23")!) == "Monday, 23 November 2026")
        #expect(PageFormat.weekday(CivilDate("1969-12-31")!) == 2)
    }

    @Test func aYearLinksTheDaysWithEvents() throws {
        let counts = [CivilDate("2024-02-29")!: 3, CivilDate("2024-12-31")!: 300]
        let svg = Chart.year(2024, counts) { "/\($0)" }
        #expect(svg.matches(of: #/<rect /#).count == 366)
        #expect(svg.matches(of: #/<a href="\/2024-/#).count == 2)
        #expect(svg.contains(#"aria-label="29 February 2024: 3 events""#))
        #expect(svg.contains(#"class="level4""#) && svg.contains(#"class="level1""#))
    }

    @Test(arguments: [
        (
            #"{"a":1.50,"b":[],"c":{},"d":["x, \"y\": {"]}"#,
            "{\n  \"a\": 1.50,\n  \"b\": [],\n  \"c\": {},\n  \"d\": [\n    \"x, \\\"y\\\": {\"\n  ]\n}"
        ),
        (" [ 1 , 2 ] ", "[\n  1,\n  2\n]"), ("", ""), ("}}", "\n}\n}"),
    ])
    func aPayloadIsSetOutWithItsTokensAsTheyAre(_ payload: String, _ expected: String) {
        #expect(JSONLayout.indented(Array(payload.utf8)) == expected)
    }

    @Test func pathsRoundTrip() throws {
        let id = try #require(DeliveryID("01a205b6-7b54-7000-809a-00000000009a"))
        let day = try #require(CivilDate("2026-11-24"))
        let names = ["acme", "a/b", "..", "~", "%2e", "é", String(repeating: "Société ", count: 40)]
        for name in names {
            let place = Route.Place(.sandbox, .named(name))
            let routes: [Route] =
                [
                    .business(place), .export(place), .day(place, day), .check(place, day), .event(place, day, id),
                    .payload(place, day, id),
                ]
                + DayFile.allCases.map { .file(place, day, $0) }
            for route in routes { #expect(Route(path: route.path) == route) }
        }
    }
}
