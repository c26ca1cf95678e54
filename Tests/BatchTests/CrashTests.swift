import Archive
import ArchiveIndex
import Batch
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// Walks the crash table of ``Sweep``: a sweep is stopped at each point it reaches, and the next one must leave exactly what an
/// uninterrupted sweep leaves. The comparison covers archive files, ledgers, seals, records, spool, and index.
@Suite struct CrashTests {
    struct Killed: Error {}

    let night: EventfulNight

    init() throws { night = try EventfulNight.shared.get() }

    /// Returns a copy of the state before the night, after a sweep that was stopped at this point.
    private func interrupted(at point: Int, _ fixture: SweepFixture? = nil) throws -> SweepFixture {
        let fixture = try fixture ?? SweepFixture(copyOf: night.eve)
        var seen = 0
        #expect(throws: Killed.self) {
            try fixture.sweep { _ in
                seen += 1
                if seen > point { throw Killed() }
            }
        }
        return fixture
    }

    static let points = (try? EventfulNight.shared.get().points.indices) ?? 0..<0

    @Test func theNightHasEverythingASweepCanMeet() throws {
        let archive = night.dawn.archive.files.keys
        #expect(archive.count { $0.hasSuffix("/events.ndjson.gz") } == 5)
        #expect(archive.count { $0.contains("/_ledger/") } == 5)
        #expect(night.points.count > 40)
        #expect(night.points.contains(.sealing(.production, CivilDate("2026-11-24")!)))
        #expect(archive.contains("environment=production/_seals/2026-11-24.r2.sha256"))
        #expect(night.dawn.spool.files.keys.filter { $0.contains("/new/") } == [])
        #expect(night.dawn.spool.files.keys.count { $0.contains("/quarantine/") } == 7)
    }

    @Test(arguments: points) func killedOnce(at point: Int) throws {
        let fixture = try interrupted(at: point)
        try fixture.sweep()
        #expect(try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [], "at \(night.points[point])")
    }

    @Test(arguments: points) func killedAndTheIndexLost(at point: Int) throws {
        let fixture = try interrupted(at: point)
        fixture.removeIndex()
        try fixture.sweep()
        #expect(try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [], "at \(night.points[point])")
    }

    /// The second kill may hit the recovery, or the sweep of what the first did not get to.
    @Test func killedTwice() throws {
        var generator = SeededGenerator()
        for _ in 0..<8 {
            let first = Int.random(in: Self.points, using: &generator)
            let fixture = try interrupted(at: first)
            let isIndexLost = Bool.random(using: &generator)
            if isIndexLost { fixture.removeIndex() }
            let second = Int.random(in: 0..<12, using: &generator)
            var seen = 0
            _ = try? fixture.sweep { _ in
                seen += 1
                if seen > second { throw Killed() }
            }
            try fixture.sweep()
            #expect(
                try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [],
                "at \(night.points[first])\(isIndexLost ? ", the index lost" : ""), then at point \(second)")
        }
    }

    /// A person's decision is as safe as a sweep: after a kill it is either made, or can be made again.
    @Test(arguments: [SweepRecord.Kind.release, .discard], [false, true])
    func aDecisionKilledAtAnyPoint(_ kind: SweepRecord.Kind, isIndexLost: Bool) throws {
        let morning = try SweepFixture(copyOf: night.eve)
        try morning.sweep()
        let held = try IndexDatabase.open(forReadingIn: morning.archive).read { try $0.quarantine(Selection()) }
        let id = try #require(held.first { $0.line.reason.hasPrefix("syntax") }).line.id
        let undisturbed = try SweepFixture(copyOf: morning)
        var points: [Sweep.Point] = []
        try undisturbed.decide(kind, id) { points.append($0) }
        try undisturbed.sweep()
        let outcome = try EventfulNight.Outcome(of: undisturbed)
        for point in points.indices {
            let fixture = try SweepFixture(copyOf: morning)
            var seen = 0
            #expect(throws: Killed.self) {
                try fixture.decide(kind, id) { _ in
                    seen += 1
                    if seen > point { throw Killed() }
                }
            }
            if isIndexLost { fixture.removeIndex() }
            do {
                try fixture.decide(kind, id)
            } catch BatchError.notHeld {
                // The decision was made before the kill.
            }
            try fixture.sweep()
            #expect(try EventfulNight.Outcome(of: fixture).differences(from: outcome) == [], "at \(points[point])")
        }
    }

    /// The new id is random, so what is compared is what must hold: the event is archived once, and the archive is sound.
    @Test func aReleaseWithANewIDKilledAtAnyPoint() throws {
        let morning = try SweepFixture(copyOf: night.eve)
        try morning.sweep()
        let id = try morning.receive(#"{"event":"X","data":"first"}"#, at: "2026-11-24T10:00:00.000Z", salt: 99)
        try morning.sweep()
        try morning.folder.write(#"{"event":"X","data":"second"}"#.utf8, to: "spool/production/new/\(id).json")
        try morning.sweep()
        let held = try IndexDatabase.open(forReadingIn: morning.archive).read { try $0.quarantine(Selection()) }
        let quarantined = try #require(held.last { $0.line.reason.hasPrefix("id-reused") }).line.id
        var points: [Sweep.Point] = []
        try SweepFixture(copyOf: morning).decide(.release, quarantined, givesNewIDs: true) { points.append($0) }
        for point in points.indices {
            let fixture = try SweepFixture(copyOf: morning)
            var seen = 0
            #expect(throws: Killed.self) {
                try fixture.decide(.release, quarantined, givesNewIDs: true) { _ in
                    seen += 1
                    if seen > point { throw Killed() }
                }
            }
            do {
                try fixture.decide(.release, quarantined, givesNewIDs: true)
            } catch BatchError.notHeld {
                // The decision was made before the kill.
            }
            try fixture.sweep()
            let events = try fixture.events(nil, "2026-11-24").filter {
                String(decoding: $0.payload, as: UTF8.self).contains("second")
            }
            #expect(events.count == 1, "at \(points[point])")
            #expect(try fixture.entries() == [] && fixture.findings() == [], "at \(points[point])")
        }
    }

    @Test func nothingLeavesNewBeforeTheCommit() throws {
        func waiting(_ fixture: SweepFixture) throws -> Tree { try Tree(fixture.folder, "spool/production/new") }
        let fixture = try SweepFixture(copyOf: night.eve)
        let before = try waiting(fixture)
        let committed = night.points.firstIndex(of: .committed)!
        var changes: [String] = []
        var seen = 0
        try fixture.sweep { _ in
            if seen <= committed { changes += try waiting(fixture).differences(from: before) }
            seen += 1
        }
        #expect(changes == [])
    }
}
