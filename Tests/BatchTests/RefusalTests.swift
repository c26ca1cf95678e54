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

/// What a sweep must not do, and what it then leaves as it was.
@Suite struct RefusalTests {
    let fixture: SweepFixture
    private static let event = #"{"event":"X","data":{"business_id":"a","n":1}}"#
    private static let late = #"{"event":"X","data":{"business_id":"a","n":2}}"#
    private static let path = SweepFixture.archivePath("a", "2026-11-24")

    /// An archive of one event, and a spool with one more for it.
    init() throws {
        fixture = try SweepFixture()
        try fixture.receive(Self.event, at: "2026-11-24T10:00:00.000Z")
        try fixture.sweep()
        try fixture.receive(Self.late, at: "2026-11-24T11:00:00.000Z")
    }

    private func spool() throws -> Tree { try Tree(fixture.folder, "spool") { $0 == "_sweep.lock" } }

    /// The sweep fails, and leaves spool and index as they were; once `mend` has run, it does not fail any more.
    private func expectRefusal<E: Error & CustomStringConvertible>(
        _: E.Type, _ sentence: String, mend: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try spool()
        let error = #expect(throws: E.self, sourceLocation: sourceLocation) { try fixture.sweep() }
        #expect(
            error?.description.contains(sentence) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation
        )
        #expect(try spool().differences(from: before) == [], sourceLocation: sourceLocation)
        try mend()
        #expect(try fixture.counts() == [1, 0, 0], sourceLocation: sourceLocation)
        #expect(try fixture.findings() == [], sourceLocation: sourceLocation)
        #expect(try fixture.events("a", "2026-11-24").count == 2, sourceLocation: sourceLocation)
    }

    // MARK: - Never append blind

    @Test(arguments: ["grown", "cut", "changed", "emptied", "gone", "a folder"])
    func aFileThatWasChangedBehindTheIndexIsNotAppendedTo(_ how: String) throws {
        let file = "archive/\(Self.path)"
        let bytes = try fixture.folder.read(file)
        var damaged = bytes
        switch how {
        case "grown": damaged += bytes
        case "cut": damaged.removeLast()
        case "changed": damaged[15] ^= 1
        case "emptied": damaged = []
        default: fixture.folder.remove(file)
        }
        if how == "a folder" { try fixture.folder.write([], to: "\(file)/x") }
        if how != "gone" && how != "a folder" { try fixture.folder.write(damaged, to: file) }
        try expectRefusal(ArchiveError.self, "is not as recorded") {
            fixture.folder.remove(file)
            try fixture.folder.write(bytes, to: file)
        }
    }

    @Test func aFileThatTheIndexDoesNotKnowIsNotReplaced() throws {
        let path = "archive/\(SweepFixture.archivePath("b", "2026-11-24"))"
        try fixture.receive(#"{"event":"X","data":{"business_id":"b"}}"#, at: "2026-11-24T11:30:00.000Z")
        try fixture.folder.write("precious".utf8, to: path)
        let before = try spool()
        let error = #expect(throws: ArchiveError.self) { try fixture.sweep() }
        #expect(error?.description.contains("the index knows it with no bytes, and it has 8") == true)
        #expect(try spool().differences(from: before) == [])
        #expect(try fixture.folder.read(path) == Array("precious".utf8))
        #expect(throws: ArchiveError.self) { try fixture.sweep() }
    }

    // MARK: - The index

    @Test(arguments: [0, 4096]) func aCorruptIndexIsNotWrittenTo(_ kept: Int) throws {
        let whole = try fixture.folder.read("archive/index.sqlite")
        let bytes = whole.prefix(kept) + [UInt8](repeating: 0xaa, count: whole.count - kept)
        fixture.removeIndex()
        try fixture.folder.write(bytes, to: "archive/index.sqlite")
        try expectRefusal(IndexError.self, "index.sqlite is damaged") {
            #expect(try fixture.folder.read("archive/index.sqlite") == Array(bytes))
            try Recovery.reindex(fixture.configuration.archive) { _, _, _ in }
        }
    }

    @Test func anOlderIndexIsMadeAnewFirst() throws {
        try fixture.folder.write(fixture.folder.read("archive/index.sqlite"), to: "backup")
        try fixture.sweep()
        let dump = try fixture.dumpIndex()
        fixture.removeIndex()
        try fixture.folder.write(fixture.folder.read("backup"), to: "archive/index.sqlite")
        #expect(try fixture.sweep().rebuiltIndex)
        #expect(try fixture.dumpIndex() == dump)
        try fixture.receive(Self.late, at: "2026-11-24T12:00:00.000Z")
        #expect(try fixture.counts() == [0, 1, 0])
        #expect(try fixture.findings() == [])
    }

    @Test func anOlderIndexDoesNotUndoWhatWasBegunToBePublished() throws {
        try fixture.receive(#"{"event":"X","data":{"business_id":"b"}}"#, at: "2026-11-24T11:30:00.000Z")
        let backup = try fixture.folder.read("archive/index.sqlite")
        let second = SweepFixture.archivePath("b", "2026-11-24")
        #expect(throws: CrashTests.Killed.self) {
            try fixture.sweep { if $0 == .publishing(second) { throw CrashTests.Killed() } }
        }
        fixture.removeIndex()
        try fixture.folder.write(backup, to: "archive/index.sqlite")
        try fixture.sweep()
        #expect(try fixture.events("a", "2026-11-24").count == 2 && fixture.events("b", "2026-11-24").count == 1)
        #expect(try fixture.entries() == [])
        #expect(try fixture.findings() == [])
    }

    // MARK: - Locks, and other archives

    @Test func aSecondSweepIsToldOfTheFirst() throws {
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

    @Test func anotherSpoolCannotSweepIntoTheArchiveMeanwhile() throws {
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

    @Test func aSpoolIsSweptIntoOneArchiveForGood() throws {
        var elsewhere = fixture
        elsewhere.configuration.archive = fixture.folder("elsewhere")
        let before = try spool()
        let missing = #expect(throws: (any Error).self) { try elsewhere.sweep() }
        #expect("\(missing!)".contains("elsewhere"))
        #expect(try fixture.folder.files(below: "elsewhere") == [])
        _ = try ArchiveFolder.make(elsewhere.configuration.archive, timeZone: nil)
        let error = #expect(throws: BatchError.self) { try elsewhere.sweep() }
        #expect(error?.description.contains("is swept into the archive") == true)
        #expect(try spool().differences(from: before) == [])
    }

    @Test func aMissingSpoolIsNotMade() throws {
        var elsewhere = fixture
        elsewhere.configuration.spool = fixture.folder("none")
        let error = #expect(throws: BatchError.self) { try elsewhere.sweep() }
        #expect(error?.description.contains("none is no spool; name the right folder") == true)
        #expect(try Folder(fixture.folder.path).names() == ["archive", "spool"])
    }

    // MARK: - Entries that cannot be read

    /// Root reads whatever its permissions are; a folder in the entry's place it cannot.
    @Test func anEntryThatCannotBeReadStaysAndTheOthersAreSwept() throws {
        let id = try fixture.receive("{", at: "2026-11-24T11:30:00.000Z")
        let entry = "spool/production/new/\(id).json"
        let report = try fixture.sweep { point in
            guard point == .scanned else { return }
            fixture.folder.remove(entry)
            try fixture.folder.write([], to: "\(entry)/x")
        }
        #expect(report.record?.total.archived == 1 && report.record?.total.received == 1)
        #expect(report.unreadable.map(\.path) == [fixture.folder(entry)])
        #expect(try fixture.entries(.production, "quarantine") == [])
        fixture.folder.remove(entry)
        try fixture.folder.write("{".utf8, to: entry)
        #expect(try fixture.counts() == [0, 0, 1])
        #expect(try fixture.findings() == [])
    }

    /// Of an entry whose line was not kept; one whose line was is archived as it was read.
    @Test func anEntryThatIsChangedWhileItIsSweptIsNotArchived() throws {
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
            error?.description.contains("was changed while it was swept; put files into new/ by rename only") == true)
        try fixture.folder.write(payload, to: entry)
        #expect(try spool().differences(from: before) == [])
        #expect(try fixture.counts() == [1, 0, 0])
        #expect(try fixture.findings() == [])
    }
}
