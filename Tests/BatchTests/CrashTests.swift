import Archive
import ArchiveIndex
import Batch
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// The crash table, walked: a sweep ends at each point that it tells, and the next makes of it what an undisturbed one
/// would have made. Not the archives alone are compared, but all: ledgers, seals, records, spool and index.
@Suite struct CrashTests {
    struct Killed: Error {}

    let night: EventfulNight

    init() throws { night = try EventfulNight.shared.get() }

    /// A copy of the eve, whose sweep was killed at this point.
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

    @Test func theNightIsAsEventfulAsItShouldBe() throws {
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

    /// The second may be killed while it recovers, or while it sweeps what the first did not come to.
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

    /// A person's decision is a sweep of its own kind, and as safe: killed, it was made or can be made again.
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
                // It was made.
            }
            try fixture.sweep()
            #expect(try EventfulNight.Outcome(of: fixture).differences(from: outcome) == [], "at \(points[point])")
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
