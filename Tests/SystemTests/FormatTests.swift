import Foundation
import TestSupport
import Testing

/// Archives of every format that was released can be read for ever.
///
/// `Tests/Fixtures/format-2` has an archive without its index, and what `list --json` and `events` print of it. In it are
/// events of both environments, one with an LF in its payload, of businesses whose names are escaped and shortened, and of
/// none; redeliveries, equal and differing; a quarantined and a discarded delivery; late data and a second revision of a seal;
/// an erased event with its redelivery; a pruned day; a hold that was released, and one that was not. A fixture is never
/// changed. A later format gets another one.
@Suite struct FormatTests {
    @Test(arguments: ["format-2"]) func anArchiveOfEachFormatIsRead(_ format: String) throws {
        try withWorkbench { bench in
            let fixture = "\(packageFolder)/Tests/Fixtures/\(format)"
            func expected(_ name: String) throws -> String {
                try String(contentsOf: URL(filePath: "\(fixture)/\(name)"), encoding: .utf8)
            }
            #expect(try bench.sh("tar xzf '\(fixture)/archive.tar.gz' && daybook reindex").status == 0)
            let verified = try bench.daybook("verify")
            #expect(verified.status == 0, "\(verified.text)\(verified.errors)")
            #expect(try bench.daybook("list", "--json").text == expected("list.json"))
            #expect(try bench.daybook("events").text == expected("events.ndjson"))
            #expect(
                try bench.sh("daybook hold list --all --json | jq -c '[.[] | [.hold, .released_by]]'").text
                    == "[[5,\"ada\"],[7,null]]\n")
            let checked = try bench.sh("daybook export -o bag && sh bag/data/check.sh")
            #expect(checked.status == 0, "\(checked.text)\(checked.errors)")
            #expect(checked.text.contains("note  pruned, so only its counts are proven: sandbox 2025-02-01"))
            let business = try bench.sh("daybook export --business beta -o beta && sh beta/data/check.sh | tail -n 1")
            #expect(business.text == "all is as it should be\n", "\(business.errors)")

            // It goes on: with an event that was erased, and late data.
            try bench.receive(
                #"{"event":"INVOICE_CREATED","data":{"business_id":"acme","n":14}}"#, at: "2025-03-01T23:30:00Z")
            let swept = try bench.sh("daybook sweep --json | jq -c '[.sweep, .archived, .blocked]'")
            #expect(swept.text == "[9,1,[]]\n", "\(swept.errors)")
            #expect(try bench.daybook("verify").status == 0)
        }
    }
}
