import Archive
import ArchiveIndex
import Batch
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// A spool that is too large for one commit is swept in several.
@Suite struct SeveralCommitsTests {
    struct Killed: Error {}

    let night: EventfulNight

    init() throws { night = try EventfulNight.shared.get() }

    /// The text of each archive file and ledger, by path.
    private func texts(_ fixture: SweepFixture) throws -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: try fixture.files.map { ($0, try fixture.lines($0)) })
    }

    @Test(arguments: [1, 2, 3, 5, 100]) func theLinesAreThoseOfASingleCommit(_ deliveries: Int) throws {
        var fixture = try SweepFixture(copyOf: night.eve)
        let single = try SweepFixture(copyOf: night.eve)
        let expected = try single.sweep()
        fixture.configuration.deliveries = deliveries
        let report = try fixture.sweep()
        #expect(try texts(fixture) == texts(single))
        #expect(report.records.allSatisfy { $0.total.areConserved && $0.total.received <= deliveries })
        #expect(report.records.map(\.sweep) == Array(2..<2 + report.records.count))
        #expect(report.total == expected.total && report.pending == 0)
        #expect(report.records.count >= (expected.total.received + deliveries - 1) / deliveries)
        #expect(report.summary.days.map(\.archived) == expected.summary.days.map(\.archived))
        #expect(report.sealed.map(\.path) == expected.sealed.map(\.path))
        #expect(try fixture.findings() == [] && fixture.differencesAfterRebuild() == [])
        #expect(
            try EventfulNight.Outcome(of: fixture).spool.differences(from: EventfulNight.Outcome(of: single).spool)
                == [])
        #expect(try fixture.counts() == [0, 0, 0])
    }

    /// The next sweep goes on with the same portions, so that the archive is the same to the byte.
    @Test(arguments: [1, 2, 4]) func killedAtAnyPoint(_ deliveries: Int) throws {
        var eve = try SweepFixture(copyOf: night.eve)
        eve.configuration.deliveries = deliveries
        let undisturbed = try SweepFixture(copyOf: eve)
        var points: [Sweep.Point] = []
        try undisturbed.sweep { points.append($0) }
        let dawn = try EventfulNight.Outcome(of: undisturbed)
        for point in points.indices {
            let fixture = try SweepFixture(copyOf: eve)
            var seen = 0
            #expect(throws: Killed.self) {
                try fixture.sweep { _ in
                    seen += 1
                    if seen > point { throw Killed() }
                }
            }
            let report = try fixture.sweep()
            #expect(try EventfulNight.Outcome(of: fixture).differences(from: dawn) == [], "\(point): \(points[point])")
            #expect(!report.rebuiltIndex)
        }
    }

    /// What was left of an interrupted commit is cleared alone, and does not take the place of others in the next one.
    @Test func killedWhileClearing() throws {
        var eve = try SweepFixture(copyOf: night.eve)
        eve.configuration.deliveries = 3
        eve.configuration.threads = 1
        let undisturbed = try SweepFixture(copyOf: eve)
        var points: [Sweep.Point] = []
        try undisturbed.sweep { points.append($0) }
        let dawn = try EventfulNight.Outcome(of: undisturbed)
        var tried = 0
        for point in points.indices where points[point] == .clearing {
            let fixture = try SweepFixture(copyOf: eve)
            var seen = 0
            var waiting: [String] = []
            #expect(throws: Killed.self) {
                try fixture.sweep { reached in
                    seen += 1
                    // The last scan shows which entries are cleared: those that are not there at the next one.
                    if reached == .scanned { waiting = try fixture.entries() }
                    if seen > point { throw Killed() }
                }
            }
            let kept = try IndexDatabase.open(forReadingIn: fixture.archive).read { snapshot in
                try waiting.first { name in
                    guard let id = DeliveryID(name.prefix(36)), let known = try snapshot.known(id, in: .production)
                    else { return false }
                    // One has the id of another.
                    let bytes = try fixture.folder.read("spool/production/new/\(name)")
                    return [.event, .redelivery].contains(known.outcome) && known.hash == ContentHash(of: bytes)
                }
            }
            guard let kept else { continue }
            fixture.folder.remove(
                "spool/production/new/\(kept)", "spool/production/new/\(kept.dropLast(5)).headers.json")
            let report = try fixture.sweep()
            #expect(!report.rebuiltIndex)
            #expect(try EventfulNight.Outcome(of: fixture).differences(from: dawn) == [], "\(point), without \(kept)")
            tried += 1
        }
        #expect(tried > 1)
    }

    /// Without the index it is not known which entries the interrupted commit had, so the next may end elsewhere.
    @Test func killedAtAnyPointAndTheIndexLost() throws {
        var eve = try SweepFixture(copyOf: night.eve)
        eve.configuration.deliveries = 3
        let undisturbed = try SweepFixture(copyOf: eve)
        var points: [Sweep.Point] = []
        try undisturbed.sweep { points.append($0) }
        let expected = try texts(undisturbed)
        for point in points.indices {
            let fixture = try SweepFixture(copyOf: eve)
            var seen = 0
            _ = try? fixture.sweep { _ in
                seen += 1
                if seen > point { throw Killed() }
            }
            fixture.removeIndex()
            try fixture.sweep()
            #expect(try texts(fixture) == expected, "\(point): \(points[point])")
            #expect(try fixture.findings() == [] && fixture.entries() == [] && fixture.differencesAfterRebuild() == [])
        }
    }

    /// A commit ends, too, once there are so many files that memory would be full.
    @Test func manyFilesAreCommittedInParts() throws {
        var fixture = try SweepFixture()
        try fixture.sweep()
        for number in 0..<400 {
            try fixture.receive(
                #"{"event":"X","data":{"business_id":"b\#(number)"}}"#,
                at: "2026-11-24T10:\(10 + number / 60):\(10 + number % 50).\(100 + number)Z", salt: UInt64(number))
        }
        for threads in [1, 3] {
            var copy = try SweepFixture(copyOf: fixture)
            copy.configuration.planMemory = 100_000
            copy.configuration.threads = threads
            let report = try copy.sweep()
            // A commit ends with the batch of 64 in which its memory becomes full.
            #expect(report.records.map(\.total.received) == [128, 128, 128, 16])
            #expect(try copy.findings() == [] && copy.entries() == [])
        }
        fixture.configuration.planMemory = 500_000
        #expect(try fixture.sweep().records.count == 1)
    }

    /// An entry that cannot be read stays, is reported once, and does not keep the others back.
    @Test func whatStaysInTheSpoolIsPassed() throws {
        var fixture = try SweepFixture()
        fixture.configuration.deliveries = 2
        fixture.configuration.memory = 0
        try fixture.receive(#"{"event":"X","data":{"business_id":"acme","n":0}}"#, at: "2026-11-24T09:00:00.000Z")
        try fixture.sweep()
        let path = fixture.folder("archive/" + SweepFixture.archivePath("acme", "2026-11-24"))
        let sound = try Data(contentsOf: URL(filePath: path))
        try Data(sound.dropLast()).write(to: URL(filePath: path))
        for number in 1...5 {
            let event = #"{"event":"X","data":{"business_id":"acme","n":\#(number)}}"#
            try fixture.receive(event, at: "2026-11-24T10:0\(number):00.000Z")
            // A redelivery on the next day, whose own file is sound, must wait for its event.
            try fixture.receive(event, at: "2026-11-25T00:0\(number):00.000Z", salt: 1)
            try fixture.receive(
                #"{"event":"X","data":{"business_id":"other","n":\#(number)}}"#, at: "2026-11-24T11:0\(number):00.000Z")
        }
        let report = try fixture.sweep()
        #expect(report.total.archived == 5 && report.total.received == 5 && report.pending == 10)
        #expect(report.blocked.map(\.deliveries) == [10])
        try sound.write(to: URL(filePath: path))
        let repaired = try fixture.sweep()
        #expect(repaired.total.archived == 5 && repaired.total.redelivered == 5 && repaired.pending == 0)
        #expect(try fixture.findings() == [])
    }

    @Test func aPortionOfDeliveriesThatCannotBeReadIsNotTheLast() throws {
        var fixture = try SweepFixture()
        fixture.configuration.deliveries = 2
        for number in 0..<5 {
            try fixture.receive(#"{"event":"X","data":\#(number)}"#, at: "2026-11-24T10:00:0\(number).000Z")
        }
        // A link in place of a file is as unreadable to root as to anybody, once it has been listed as a file.
        let names = try fixture.entries().prefix(3)
        var scanned = false
        let report = try fixture.sweep { point in
            guard point == .scanned, !scanned else { return }
            scanned = true
            for name in names {
                let path = fixture.folder("spool/production/new/\(name)")
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
        }
        #expect(report.unreadable.count == 2 && report.odd.count == 3)
        #expect(report.total.archived == 2)
    }
}
