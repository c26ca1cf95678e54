import Archive
import Foundation
import GRDB
import TestSupport
import Testing
import Webhooks

@testable import ArchiveIndex

@Suite struct IndexDatabaseTests {
    let directory: TemporaryDirectory
    let archive: ArchiveFolder

    init() throws {
        directory = try TemporaryDirectory()
        archive = try ArchiveFolder.make(directory("archive"), timeZone: nil)
    }

    private func record(_ sweep: Int) -> SweepRecord {
        SweepRecord(sweep: sweep, kind: .sweep, started: "2026-11-24T02:00:00.000Z", days: [], files: [])
    }

    private func write(_ sql: String) throws {
        try execute(sql, database: directory("archive/_index.sqlite"))
    }

    @Test func aCommitIsOnDiskWhenItReturns() throws {
        let index = try IndexDatabase.open(forWritingIn: archive)
        let (synchronous, journal) = try index.read {
            (
                try Int.fetchOne($0.db, sql: "PRAGMA synchronous"),
                try String.fetchOne($0.db, sql: "PRAGMA journal_mode")
            )
        }
        #expect(synchronous == 2 && journal == "wal")
    }

    @Test func indexFilesHaveMode0640() throws {
        let index = try IndexDatabase.open(forWritingIn: archive)
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: directory("archive/_index.sqlite\(suffix)"))
            #expect(attributes[.posixPermissions] as? Int == 0o640, "\(suffix)")
        }
        withExtendedLifetime(index) {}
    }

    @Test func tablesAreAsSpecifiedAndStrict() throws {
        let index = try IndexDatabase.open(forWritingIn: archive)
        let names = try index.read {
            try String.fetchAll(
                $0.db,
                sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict ORDER BY name")
        }
        #expect(names == IndexSchema.tables.sorted())
        #expect(
            Set(names).isSuperset(of: ["sweeps", "archives", "blocks", "events", "redeliveries", "quarantine", "seals"])
        )
        let views = try index.read {
            try String.fetchAll($0.db, sql: "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")
        }
        #expect(views == ["businesses", "daily_counts"])
    }

    @Test func aReaderDoesNotCreateAnIndex() throws {
        let error = #expect(throws: IndexError.self) { try IndexDatabase.open(forReadingIn: archive) }
        #expect(error?.description.contains("_index.sqlite is missing; run `daybook reindex`") == true)
        #expect(try !IndexDatabase.exists(in: archive))
    }

    @Test func aNewerSchemaIsRejected() throws {
        _ = try IndexDatabase.open(forWritingIn: archive)
        try write("INSERT INTO grdb_migrations VALUES ('99')")
        for open in [IndexDatabase.open(forReadingIn:), IndexDatabase.open(forWritingIn:)] {
            let error = #expect(throws: IndexError.self) { try open(archive) }
            #expect(error?.description.contains("was created by a newer Daybook") == true)
        }
    }

    @Test func aFileThatIsNotADatabaseIsCorrupt() throws {
        try directory.write([UInt8](repeating: 7, count: 9000), to: "archive/_index.sqlite")
        for open in [IndexDatabase.open(forReadingIn:), IndexDatabase.open(forWritingIn:)] {
            let error = #expect(throws: IndexError.self) { try open(archive) }
            guard case .corrupt(let path, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(path == directory("archive/_index.sqlite"))
        }
    }

    @Test func aMissingTableIsCorruption() throws {
        _ = try IndexDatabase.open(forWritingIn: archive)
        try write("DROP TABLE sweeps")
        let index = try IndexDatabase.open(forReadingIn: archive)
        let error = #expect(throws: IndexError.self) { try index.read { try $0.lastSweep() } }
        #expect(error?.description.contains("is damaged (no such table: sweeps); run `daybook reindex`") == true)
    }

    @Test func aReaderKeepsItsSnapshotWhileTheWriterCommits() throws {
        let writer = try IndexDatabase.open(forWritingIn: archive)
        let reader = try IndexDatabase.open(forReadingIn: archive)
        try writer.write { try $0.add(record(1), state: .cleared) }
        let seen = try reader.read { snapshot in
            let before = try snapshot.lastSweep()
            try writer.write { try $0.add(record(2), state: .committed) }
            return [before, try snapshot.lastSweep(), try snapshot.openSweeps().count]
        }
        #expect(seen == [1, 1, 0])
        #expect(try reader.read { try $0.lastSweep() } == 2)
        #expect(throws: IndexError.self) { try reader.write { try $0.add(record(3), state: .cleared) } }
    }

    @Test func aWriteThatThrowsIsRolledBack() throws {
        struct Enough: Error {}
        let index = try IndexDatabase.open(forWritingIn: archive)
        #expect(throws: Enough.self) {
            try index.write { transaction in
                try transaction.add(record(1), state: .committed)
                throw Enough()
            }
        }
        #expect(try index.read { try $0.lastSweep() } == 0)
    }

    // MARK: - The nearest event

    /// Events of one fingerprint at these times, in rows from 1 on.
    private func index(of times: [Int64], _ fingerprint: Fingerprint) throws -> IndexDatabase {
        let index = try IndexDatabase.open(forWritingIn: archive)
        try index.write { transaction in
            let state = GzipState(lines: 0, textBytes: 0, gzipBytes: 0, crc32: 0, hash: ContentHash(of: []))
            let path = ArchivePath.archive(in: .production, of: Business("a"), on: CivilDate("2026-11-23")!)
            try transaction.add(
                IndexedFile(
                    kind: .archives, row: 1, environment: .production, business: Business("a"),
                    day: CivilDate("2026-11-23")!, path: path, state: state, firstSweep: 1, sweep: 1))
            for (line, time) in times.enumerated() {
                try transaction.addEvent(
                    id: DeliveryID(nanoseconds: UInt64(line + 1), random: 0), time: Timestamp(milliseconds: time),
                    type: "X",
                    size: 0, hash: ContentHash(of: []), fingerprint: fingerprint, archive: 1, line: line, sweep: 1)
            }
        }
        return index
    }

    private static let day: Int64 = 86_400_000
    private static let week = 7 * day

    @Test(
        arguments: [
            (0, 1), (100, 1), (499, 1), (501, 2), (1000, 2), (5000, 3), (week, 3), (-5, 1), (-9000, 4), (-week, 4),
            // As near to the one as to the other: the row that came first.
            (500, 1), (-5000, 1),
        ] as [(Int64, Int64)])
    func theRepeatedEventIsFoundEitherWay(_ time: Int64, _ row: Int64) throws {
        let fingerprint = Fingerprint(environment: .production, senderID: "1")
        let index = try index(of: [0, 1000, 2000, -10_000, 2000], fingerprint)
        func nearest(_ fingerprint: Fingerprint) throws -> RepeatedEvent? {
            try index.write { try $0.nearestEvent(fingerprint, to: Timestamp(milliseconds: time), within: Self.week) }
        }
        #expect(try nearest(fingerprint)?.row == row)
        #expect(try nearest(fingerprint)?.business == Business("a"))
        #expect(try nearest(Fingerprint(environment: .sandbox, senderID: "1")) == nil)
    }

    /// To the millisecond, whichever days of the index it touches.
    @Test(arguments: [1, 999, day - 1, day, day + 1, 7 * day, 300 * day]) func theWindowIncludesItsEnds(
        _ window: Int64
    ) throws {
        let fingerprint = Fingerprint(environment: .production, senderID: "1")
        let time = 20_300 * Self.day + 12_345
        for distance in [window, -window] {
            let index = try index(of: [time + distance], fingerprint)
            for (asked, found) in [(window, true), (window - 1, false)] {
                let nearest = try index.write {
                    try $0.nearestEvent(fingerprint, to: Timestamp(milliseconds: time), within: asked)
                }
                #expect((nearest != nil) == found, "\(distance) away, \(asked) asked")
            }
            try IndexDatabase.remove(in: archive)
        }
    }

    @Test func aWindowMayBeLongerThanAllTime() throws {
        let fingerprint = Fingerprint(environment: .production, senderID: "1")
        let (first, second) = (Timestamp(milliseconds: 5), Timestamp(milliseconds: 20_000 * Self.day))
        try index(of: [first.milliseconds], fingerprint).write {
            #expect(try $0.nearestEvent(fingerprint, to: second, within: .max)?.time == first)
            try $0.expect(1, at: first...second, within: .max)
            #expect(try $0.nearestEvent(fingerprint, to: second, within: .max)?.time == first)
        }
    }

    /// Fingerprints that are read ahead change nothing of what is found: neither existing events nor those added since.
    @Test(arguments: 0..<20) func preparingDoesNotChangeResults(_ turn: Int) throws {
        var random = SeededGenerator("what is expected, \(turn)")
        let fingerprints = (0..<40).map { Fingerprint(environment: .production, senderID: "\($0)") }
        func time() -> Timestamp { Timestamp(milliseconds: .random(in: -3 * Self.day...20 * Self.day, using: &random)) }
        let window = Int64.random(in: 1...5 * Self.day, using: &random)
        let asked = (0..<200).map { _ in (fingerprints.randomElement(using: &random)!, time()) }
        var line = 1
        try index(of: [-2 * Self.day], fingerprints[0]).write { transaction in
            func add(_ count: Int) throws {
                for _ in 0..<count {
                    try transaction.addEvent(
                        id: DeliveryID(nanoseconds: UInt64(line + 1), random: 0), time: time(), type: "X", size: 0,
                        hash: ContentHash(of: []), fingerprint: fingerprints.randomElement(using: &random)!, archive: 1,
                        line: line, sweep: 1)
                    line += 1
                }
            }
            func found() throws -> [RepeatedEvent?] {
                try asked.map { try transaction.nearestEvent($0, to: $1, within: window) }
            }
            try add(30)
            let before = try found()
            let times = asked.map(\.1)
            try transaction.expect(asked.count, at: times.min()!...times.max()!, within: window)
            #expect(try found() == before)
            try add(10)
            let after = try found()
            transaction.prepared.unseen = nil
            #expect(try found() == after)
        }
    }

    @Test func readingAheadSavesLookUps() throws {
        let known = Fingerprint(environment: .production, senderID: "known")
        let others = (0..<1000).map { Fingerprint(environment: .production, senderID: "\($0)") }
        let time = Timestamp(milliseconds: 20_000 * Self.day)
        try index(of: [time.milliseconds], known).write { transaction in
            try transaction.expect(others.count, at: time...time, within: Self.week)
            let unseen = try #require(transaction.prepared.unseen)
            let near = (time.milliseconds - Self.week)...(time.milliseconds + Self.week)
            #expect(!unseen.holds(known, at: near))
            #expect(others.filter { unseen.holds($0, at: near) }.count > 900)
            // Of other times, nothing was read.
            #expect(!unseen.holds(others[0], at: near.lowerBound...near.upperBound + 1))
        }
    }

    @Test func theFilterHasNoFalseNegatives() {
        func fingerprint(_ number: Int) -> Fingerprint { Fingerprint(environment: .production, senderID: "\(number)") }
        let count = 10_000
        var filter = FingerprintFilter(count: count)
        for number in 0..<count { filter.insert(fingerprint(number)) }
        #expect((0..<count).allSatisfy { filter.mayHold(fingerprint($0)) })
        // 1 in 250 of the others is a false positive.
        #expect((count..<2 * count).count { filter.mayHold(fingerprint($0)) } < count / 100)
    }

    @Test(arguments: [week, 3_660_000 * day, .max]) func fewDeliveriesDoNotReadAhead(_ window: Int64) throws {
        let known = Fingerprint(environment: .production, senderID: "known")
        let time = Timestamp(milliseconds: 20_000 * Self.day)
        let index = try index(of: [time.milliseconds], known)
        try write("INSERT INTO sweep_days VALUES (1, 'production', '2024-10-04', 999, 999, 0, 0, 0, 0, 0)")
        for (deliveries, reads) in [(10, false), (1000, true)] {
            try index.write {
                try $0.expect(deliveries, at: time...time, within: window)
                #expect(($0.prepared.unseen != nil) == reads)
            }
        }
    }

    /// An index of the first schema is brought to today's when it is opened for writing, and read as it is before.
    @Test func anOlderIndexIsMigrated() throws {
        let fingerprint = Fingerprint(environment: .production, senderID: "1")
        _ = try index(of: [5 * Self.day], fingerprint)
        let today = try dump(database: directory("archive/_index.sqlite"))
        for table in ["damage", "decisions", "tombstones", "pruned_days", "holds"] { try write("DROP TABLE \(table)") }
        try write(
            "DROP INDEX events_by_fingerprint; DELETE FROM grdb_migrations WHERE identifier != '1'")
        try write("CREATE INDEX events_by_fingerprint ON events (fingerprint)")
        let older = try IndexDatabase.open(forReadingIn: archive)
        #expect(try older.read { try $0.lastSweep() } == 0)
        #expect(try older.read { try $0.damage() }.isEmpty)
        #expect(try older.read { try $0.goneEvents(Selection()) } == 0)
        let index = try IndexDatabase.open(forWritingIn: archive)
        #expect(try dump(database: directory("archive/_index.sqlite")) == today)
        let nearest = try index.write {
            try $0.nearestEvent(fingerprint, to: Timestamp(milliseconds: 6 * Self.day), within: Self.week)
        }
        #expect(nearest?.row == 1)
    }

    @Test func knownIdsAreFoundByRange() throws {
        let index = try index(of: [1, 2], Fingerprint(environment: .production, senderID: "1"))
        func id(_ milliseconds: UInt64) -> DeliveryID { DeliveryID(nanoseconds: milliseconds * 1_000_000, random: 0) }
        func knowsAny(_ ids: ClosedRange<DeliveryID>) throws -> Bool { try index.read { try $0.knowsAny(of: ids) } }
        let known = DeliveryID(nanoseconds: 1, random: 0)...DeliveryID(nanoseconds: 2, random: 0)
        #expect(try knowsAny(known))
        #expect(try knowsAny(known.lowerBound...known.lowerBound))
        #expect(try knowsAny(known.upperBound...id(9)))
        #expect(try !knowsAny(id(1)...id(9)))
    }
}
