import Archive
import ArchiveIndex
import Batch
import DurableFiles
import Foundation
import Spool
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// What a sweep refuses to do, and leaves unchanged.
@Suite struct RefusalTests {
    let fixture: SweepFixture
    private static let event = #"{"event":"X","data":{"business_id":"a","n":1}}"#
    private static let late = #"{"event":"X","data":{"business_id":"a","n":2}}"#

    /// An archive with one event, and a spool with another one for the same file.
    init() throws {
        fixture = try SweepFixture()
        try fixture.receive(Self.event, at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        try fixture.receive(Self.late, at: "2026-11-24T11:00:00.000Z")
    }

    private func spool() throws -> Tree { try Tree(fixture.folder, "spool") { $0 == "_sweep.lock" } }

    // MARK: - The index

    @Test func anOlderIndexIsRebuiltFirst() throws {
        try fixture.folder.write(fixture.folder.read("archive/_index.sqlite"), to: "backup")
        try fixture.sweep()
        let dump = try fixture.dumpIndex()
        fixture.removeIndex()
        try fixture.folder.write(fixture.folder.read("backup"), to: "archive/_index.sqlite")
        #expect(try fixture.sweep().rebuiltIndex)
        #expect(try fixture.dumpIndex() == dump)
        try fixture.receive(Self.late, at: "2026-11-24T12:00:00.000Z")
        #expect(try fixture.counts() == [0, 1, 0])
        #expect(try fixture.findings() == [])
    }

    @Test func anOlderIndexDoesNotUndoASweepThatWasBeingPublished() throws {
        try fixture.receive(#"{"event":"X","data":{"business_id":"b"}}"#, at: "2026-11-24T11:30:00.000Z")
        let backup = try fixture.folder.read("archive/_index.sqlite")
        let second = SweepFixture.archivePath("b", "2026-11-24")
        #expect(throws: CrashTests.Killed.self) {
            try fixture.sweep { if $0 == .publishing(second) { throw CrashTests.Killed() } }
        }
        fixture.removeIndex()
        try fixture.folder.write(backup, to: "archive/_index.sqlite")
        try fixture.sweep()
        #expect(try fixture.events("a", "2026-11-24").count == 2 && fixture.events("b", "2026-11-24").count == 1)
        #expect(try fixture.entries() == [])
        #expect(try fixture.findings() == [])
    }

    // MARK: - Locks, and other archives

    @Test func aSecondSweepReportsWhoHoldsTheLock() throws {
        let before = try spool()
        var (holder, changes) = ("", ["not looked"])
        try fixture.sweep { point in
            guard point == .scanned else { return }
            let held = #expect(throws: FolderLock.Held.self) { try fixture.sweep() }
            holder = held?.holder ?? ""
            changes = try spool().differences(from: before)
        }
        #expect(changes == [])
        #expect(holder.hasPrefix("a sweep, process \(ProcessInfo.processInfo.processIdentifier) on "))
    }

    @Test func anotherSpoolCannotBeSweptIntoTheArchiveMeanwhile() throws {
        var other = try SweepFixture()
        other.configuration.archive = fixture.configuration.archive
        try other.receive(Self.event, at: "2026-11-24T10:00:00.000Z", salt: 9)
        let second = other
        try fixture.sweep { point in
            if point == .scanned { #expect(throws: FolderLock.Held.self) { try second.sweep() } }
        }
        #expect(try other.counts() == [0, 1, 0])
        #expect(try fixture.findings() == [])
    }

    @Test func aSpoolBelongsToOneArchive() throws {
        var elsewhere = fixture
        elsewhere.configuration.archive = fixture.folder("elsewhere")
        let before = try spool()
        let missing = #expect(throws: (any Error).self) { try elsewhere.sweep() }
        #expect("\(missing!)".contains("elsewhere"))
        #expect(try fixture.folder.files(below: "elsewhere") == [])
        _ = try ArchiveFolder.make(elsewhere.configuration.archive, timeZone: nil)
        let error = #expect(throws: BatchError.self) { try elsewhere.sweep() }
        #expect(error?.description.contains("belongs to the archive") == true)
        #expect(try spool().differences(from: before) == [])
    }

    @Test func aMissingSpoolIsNotCreated() throws {
        var elsewhere = fixture
        elsewhere.configuration.spool = fixture.folder("none")
        let error = #expect(throws: BatchError.self) { try elsewhere.sweep() }
        #expect(error?.description.contains("none is not a spool; name the spool folder") == true)
        #expect(try Folder(fixture.folder.path).names() == ["archive", "spool"])
    }

    // MARK: - Entries that cannot be read

    /// The tests run as root, which can read any file. A folder in place of the entry cannot be read as a file even so.
    @Test func anUnreadableEntryStaysAndTheOthersAreSwept() throws {
        let id = try fixture.receive("{", at: "2026-11-24T11:30:00.000Z")
        let entry = "spool/production/new/\(id).json"
        let report = try fixture.sweep { point in
            guard point == .scanned else { return }
            fixture.folder.remove(entry)
            try fixture.folder.write([], to: "\(entry)/x")
        }
        #expect(report.total.archived == 1 && report.total.received == 1)
        #expect(report.unreadable.count == 1 && report.unreadable.first?.path == fixture.folder(entry))
        #expect(try fixture.entries(.production, "quarantine") == [])
        fixture.folder.remove(entry)
        try fixture.folder.write("{".utf8, to: entry)
        #expect(try fixture.counts() == [0, 0, 1])
        #expect(try fixture.findings() == [])
    }

    /// This concerns entries whose lines were not kept in memory. The others are archived as they were read.
    @Test func anEntryThatChangesDuringTheSweepIsNotArchived() throws {
        var fixture = fixture
        fixture.configuration.memory = 0
        let before = try spool()
        let entry = try "spool/production/new/\(fixture.entries()[0])"
        let payload = try fixture.folder.read(entry)
        let error = #expect(throws: BatchError.self) {
            try fixture.sweep { point in
                if point == .decided { try fixture.folder.write(Self.event.utf8, to: entry) }
            }
        }
        #expect(
            error?.description.contains("changed during the sweep; put files into new/ only by renaming them") == true)
        try fixture.folder.write(payload, to: entry)
        #expect(try spool().differences(from: before) == [])
        #expect(try fixture.counts() == [1, 0, 0])
        #expect(try fixture.findings() == [])
    }
}
