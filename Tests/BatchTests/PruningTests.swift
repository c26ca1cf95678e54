import Archive
import ArchiveIndex
import Batch
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// The files of pruned days are gone; their seals, their counts, and everything else remain.
@Suite struct PruningTests {
    private let fixture: SweepFixture
    /// A delivery in quarantine, received on 12 November.
    private let held: DeliveryID

    init() throws {
        var fixture = try SweepFixture()
        for day in 10...14 {
            fixture.now = Timestamp("2026-11-\(day + 1)T02:00:00.000Z")!
            for business in ["acme", "beta"] {
                for number in 0..<3 {
                    let time = "2026-11-\(day)T1\(number):00:00.000Z"
                    try fixture.receive(Self.payload(business, day * 10 + number), at: time)
                }
            }
            try fixture.receive(Self.payload("acme", day), at: "2026-11-\(day)T09:00:00.000Z", .sandbox)
            // Late data, and redeliveries of what was received up to two days before.
            try fixture.receive(
                Self.payload("late", day), at: "2026-11-\(day == 10 ? "09" : "\(day - 1)")T23:00:00.000Z")
            for before in [1, 2] where day - before >= 10 {
                try fixture.receive(
                    Self.payload("acme", (day - before) * 10), at: "2026-11-\(day)T1\(before):30:00.000Z")
            }
            if day == 13 { try fixture.receive("odd", at: "2026-11-12T20:00:00.000Z") }
            try fixture.sweep()
        }
        held = try #require(try fixture.quarantines("2026-11-12").first).id
        self.fixture = fixture
    }

    /// The fixture on a day in December, after another sweep.
    private func later() throws -> SweepFixture {
        var fixture = fixture
        fixture.now = Timestamp("2026-12-15T02:00:00.000Z")!
        try fixture.receive(Self.payload("acme", 1), at: "2026-12-14T10:00:00.000Z")
        try fixture.sweep()
        return fixture
    }

    private static func payload(_ business: String, _ number: Int) -> String {
        #"{"event":"BILL_PAID","data":{"business_id":"\#(business)","n":\#(number)}}"#
    }

    private func files(of fixture: SweepFixture, _ day: String) throws -> [String] {
        try fixture.files.filter { $0.contains(day) && !$0.contains("_seals") }
    }

    @Test func theFilesAreGoneAndTheSealsRemain() throws {
        let fixture = try later()
        let seals = try Tree(fixture.folder, "archive/environment=production/_seals").files
        let plan = try fixture.prune(before: "2026-11-12", acts: false)
        #expect(try fixture.files.contains { $0.contains("2026-11-10") } && plan.record == nil)
        let report = try fixture.prune(before: "2026-11-12")
        #expect(report.days == plan.days && report.files == plan.files && report.kept.isEmpty)
        #expect(
            report.days.map { "\($0.environment) \($0.day)" } == [
                "production 2026-11-09", "production 2026-11-10", "production 2026-11-11", "sandbox 2026-11-10",
                "sandbox 2026-11-11",
            ])
        for day in ["2026-11-09", "2026-11-10", "2026-11-11"] { #expect(try files(of: fixture, day) == []) }
        #expect(try !fixture.folder.files(below: "archive").contains { $0.contains("day=2026-11-10") })
        #expect(try Tree(fixture.folder, "archive/environment=production/_seals").files == seals)
        #expect(try fixture.findings() == [])
        // The index keeps its row ids, and what was received.
        #expect(try fixture.differencesAfterRebuild() == [])
        let counts = try IndexDatabase.open(forReadingIn: fixture.archive).read { try $0.dayCounts() }
        #expect(counts.first { $0.day == "2026-11-10" && $0.environment == .production }?.counts.received == 7)

        let again = try fixture.prune(before: "2026-11-13")
        #expect(again.days.isEmpty == false && again.kept.map(\.day) == ["2026-11-12"])
        #expect(try fixture.findings() == [])
        #expect(try fixture.differencesAfterRebuild() == [])
    }

    /// Nothing is pruned that is held, in quarantine, or may be delivered again.
    @Test func whatIsNeededIsKept() throws {
        #expect(throws: BatchError.self) { try self.fixture.prune(before: "2026-11-12") }
        let fixture = try later()
        let report = try fixture.prune(before: "2026-11-13", acts: false)
        #expect(report.kept.map(\.day) == ["2026-11-12"] && report.kept[0].cause.contains("in quarantine"))
        #expect(throws: BatchError.self) { try fixture.prune(before: "2026-12-09") }
        let hold = try fixture.hold(Selection(environment: .sandbox, to: CivilDate("2026-11-10")))
        #expect(throws: BatchError.self) { try fixture.prune(before: "2026-11-12") }
        #expect(try fixture.prune(before: "2026-11-12", .production).days.count == 3)
        #expect(throws: BatchError.self) { try fixture.prune(before: "2026-11-12", .production) }
        try fixture.releaseHold(hold)
        #expect(try fixture.prune(before: "2026-11-12").days.count == 2)
        try fixture.decide(.discard, held)
        // The decision is in the ledger of its day, which is to be sealed again.
        #expect(try fixture.prune(before: "2026-11-13", acts: false).kept.map(\.day) == ["2026-11-12"])
        try fixture.sweep()
        #expect(try fixture.prune(before: "2026-11-13").kept == [])
        #expect(try fixture.findings() == [])
        #expect(try fixture.differencesAfterRebuild() == [])
    }

    /// A file of a pruned day would contradict its seals, so the delivery waits in the spool.
    @Test func aDeliveryOfAPrunedDayIsBlocked() throws {
        let fixture = try later()
        try fixture.prune(before: "2026-11-12")
        try fixture.receive(Self.payload("acme", 100), at: "2026-11-10T10:00:00.000Z")
        try fixture.receive(Self.payload("acme", 2), at: "2026-12-14T11:00:00.000Z")
        let report = try fixture.sweep()
        #expect(report.total.archived == 1 && report.pending == 1)
        #expect(report.blocked.map(\.deliveries) == [1] && report.blocked[0].cause.contains("pruned by record"))
        #expect(try fixture.findings() == [])
    }

    /// A redelivery on a day that remains may be of an event that is gone.
    @Test func redeliveriesOfPrunedEventsRemain() throws {
        let fixture = try later()
        try fixture.prune(before: "2026-11-11")
        let lines = try fixture.redeliveries("acme", "2026-11-11")
        #expect(lines.count == 1)
        let index = fixture.folder("archive/_index.sqlite")
        #expect(try run("sqlite3", [index, "SELECT count(*) FROM redeliveries WHERE event = 0"]).text == "2\n")
        #expect(try fixture.findings() == [])
        #expect(try fixture.differencesAfterRebuild() == [])
    }

    /// Row ids are not given to others, even if those of the last lines are free.
    @Test func everythingIsPrunedAndAnotherSweepGoesOn() throws {
        var fixture = fixture
        try fixture.decide(.discard, held)
        fixture.now = Timestamp("2026-12-15T02:00:00.000Z")!
        try fixture.receive("odd again", at: "2026-11-14T20:00:00.000Z")
        try fixture.sweep()
        try fixture.decide(.discard, #require(try fixture.quarantines("2026-11-14").first).id)
        try fixture.receive("odd at last", at: "2026-12-14T20:00:00.000Z", .sandbox)
        try fixture.sweep()
        let last = try fixture.dumpIndex().count
        #expect(try fixture.prune(before: "2026-11-30").kept == [])
        #expect(try fixture.files.allSatisfy { $0.contains("2026-12-14") } && fixture.dumpIndex().count < last)
        #expect(try fixture.findings() == [])
        #expect(try fixture.differencesAfterRebuild() == [])
        for number in 1...2 {
            try fixture.receive(Self.payload("acme", 7), at: "2026-12-14T10:00:0\(number).000Z")
            try fixture.receive("odd \(number)", at: "2026-12-14T11:00:0\(number).000Z")
            try fixture.sweep()
            #expect(try fixture.findings() == [])
            #expect(try fixture.differencesAfterRebuild() == [])
        }
    }

    @Test func aFileThatIsThereAgainIsFound() throws {
        let fixture = try later()
        let path = SweepFixture.archivePath("acme", "2026-11-10")
        let bytes = try fixture.folder.read("archive/\(path)")
        try fixture.prune(before: "2026-11-12")
        try fixture.folder.write(bytes, to: "archive/\(path)")
        #expect(try fixture.findings().filter { $0.contains("pruned it, and it is there again") }.count == 1)
        #expect(try fixture.differencesAfterRebuild() == [])
    }

    struct Killed: Error {}

    @Test(arguments: [false, true]) func killedAtAnyPoint(isIndexLost: Bool) throws {
        let fixture = try later()
        let undisturbed = try SweepFixture(copyOf: fixture)
        var points: [Sweep.Point] = []
        try undisturbed.prune(before: "2026-11-12") { points.append($0) }
        try undisturbed.sweep()
        let wanted = try EventfulNight.Outcome(of: undisturbed)
        for point in points.indices {
            let fixture = try SweepFixture(copyOf: fixture)
            var seen = 0
            #expect(throws: Killed.self) {
                try fixture.prune(before: "2026-11-12") { _ in
                    seen += 1
                    if seen > point { throw Killed() }
                }
            }
            if isIndexLost { fixture.removeIndex() }
            try fixture.sweep()
            #expect(try fixture.findings() == [], "at \(points[point])")
            if try fixture.files.contains(where: { $0.contains("2026-11-10") }) {
                try fixture.prune(before: "2026-11-12")
                try fixture.sweep()
            }
            #expect(try EventfulNight.Outcome(of: fixture).differences(from: wanted) == [], "at \(points[point])")
        }
    }

    /// The records are derived from the index and the other records where no copy has them.
    @Test func theRecordsOfPrunedDaysAreRepaired() throws {
        let fixture = try later()
        try fixture.prune(before: "2026-11-12")
        let whole = try Tree(fixture.folder, "archive/_sweeps").files
        for number in 1...7 {
            fixture.folder.remove("archive/_sweeps/\(number).ndjson.gz")
            let files = try Repair(fixture.configuration.archive, from: [], acts: true).run()
            #expect(files.map(\.outcome) == [.restored], "\(number)")
            #expect(try Tree(fixture.folder, "archive/_sweeps").files == whole, "\(number)")
        }
        #expect(try fixture.files.allSatisfy { !$0.contains("2026-11-10") })
        #expect(try fixture.findings() == [])
    }
}
