import Archive
import Testing
import Webhooks

@Suite struct ArchivePathTests {
    static let businesses = [
        Business(nil), Business("acme"), Business("../x"), Business(String(repeating: "ü", count: 99)),
    ]

    @Test(arguments: businesses, Environment.allCases) func pathsAreParsed(
        _ business: Business, _ environment: Environment
    ) {
        let day = CivilDate("2026-11-23")!
        for (path, isLedger) in [
            (ArchivePath.archive(in: environment, of: business, on: day), false),
            (ArchivePath.ledger(in: environment, of: business, on: day), true),
        ] {
            let parts = ArchivePath.parse(path)
            #expect(parts?.isLedger == isLedger && parts?.environment == environment)
            #expect(parts?.segment == business.segment && parts?.day == day)
            #expect(!path.split(separator: "/").contains(".."))
            #expect(
                ArchivePath.parse(ArchivePath.staged(path, 7)) == nil && !ArchivePath.staged(path, 7).hasSuffix(".gz"))
        }
    }

    @Test func namesAreAsSpecified() {
        let day = CivilDate("2026-11-23")!
        #expect(
            ArchivePath.archive(in: .production, of: .unassigned, on: day)
                == "environment=production/business=_unassigned/day=2026-11-23/events.ndjson.gz")
        #expect(
            ArchivePath.ledger(in: .sandbox, of: Business("a"), on: day)
                == "environment=sandbox/_ledger/business=a/2026-11-23.ndjson.gz")
    }

    @Test(arguments: [
        "", "/", "events.ndjson.gz", "environment=prod/business=a/day=2026-11-23/events.ndjson.gz",
        "environment=sandbox/business=/day=2026-11-23/events.ndjson.gz",
        "environment=sandbox/business=a/day=2026-02-30/events.ndjson.gz",
        "environment=sandbox/business=a/day=2026-11-23/events.ndjson.gz/x",
        "environment=sandbox/business=a/day=2026-11-23/events.ndjson",
        "environment=sandbox/business=a/2026-11-23.ndjson.gz",
        "/environment=sandbox/business=a/day=2026-11-23/events.ndjson.gz",
        "environment=sandbox/_ledger/business=a/day=2026-11-23/events.ndjson.gz",
        "environment=sandbox/_ledger/business=a/2026-11-23.ndjson", "environment=sandbox/_ledger/business=a",
        "environment=sandbox/_seals/2026-11-23.sha256",
        "environment=sandbox//business=a/day=2026-11-23/events.ndjson.gz",
    ])
    func anythingElseIsNoPath(_ path: String) { #expect(ArchivePath.parse(path) == nil) }
}
