import Archive
import DurableFiles
import TestSupport
import Testing
import Webhooks

@Suite struct ArchiveFolderTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory("archive") }

    private func sentence(_ body: () throws -> Void) -> String {
        let error = #expect(throws: ArchiveError.self) { try body() }
        return error?.description ?? ""
    }

    private func write(marker: String) throws { try directory.write(marker.utf8, to: "archive/_daybook.json") }

    private func marker(format: String = "1", zone: String = "UTC", salt: String = String(repeating: "0", count: 64))
        -> String
    {
        #"{"archive":"a","format":\#(format),"salt":"\#(salt)","time_zone":"\#(zone)"}"#
    }

    @Test func anArchiveIsMadeOnceAndStaysWhatItIs() throws {
        let made = try ArchiveFolder.make(path, timeZone: nil)
        let marker = try directory.read("archive/_daybook.json")
        let again = try ArchiveFolder.make(path, timeZone: "UTC")
        #expect(made.identity.archive == again.identity.archive && made.identity.salt == again.identity.salt)
        #expect(try directory.read("archive/_daybook.json") == marker)
        #expect(made.identity.format == 1 && made.identity.timeZone == "UTC" && made.identity.salt.utf8.count == 64)
        #expect(try run("jq", ["-r", ".archive"], input: marker).text == "\(made.identity.archive)\n")
        let other = try ArchiveFolder.make(directory("other"), timeZone: "Africa/Lagos")
        #expect(other.identity.archive != made.identity.archive && other.identity.salt != made.identity.salt)
    }

    /// As a kill leaves it: the marker in the making, or only the lock.
    @Test func whatAKilledMakingLeftIsNoHindrance() throws {
        try directory.write("{".utf8, to: "archive/._daybook.json.tmp")
        try directory.write([], to: "archive/_sweep.lock")
        _ = try ArchiveFolder.make(path, timeZone: nil)
        #expect(try directory.files(below: "archive") == ["_daybook.json", "_sweep.lock"])
    }

    @Test func oneAtATimeMakesAnArchive() throws {
        let folder = try Folder.make(path)
        let making = try FolderLock(folder, name: "_sweep.lock", purpose: "a test")
        #expect(throws: FolderLock.Held.self) { try ArchiveFolder.make(path, timeZone: nil) }
        #expect(try directory.files(below: "archive") == ["_sweep.lock"])
        _ = consume making
        #expect(throws: Never.self) { try ArchiveFolder.make(path, timeZone: nil) }
    }

    @Test func whereThereIsNoneNoneIsOpened() throws {
        try Folder(directory.path).makeFolder("empty")
        for name in ["none", "empty"] {
            #expect(
                sentence { _ = try ArchiveFolder(directory(name)) }
                    == "\(directory(name)) holds no archive; name the right folder with --archive, or make one by `daybook sweep`"
            )
        }
    }

    @Test func anotherTimeZoneIsRefused() throws {
        _ = try ArchiveFolder.make(path, timeZone: "Africa/Lagos")
        #expect(try ArchiveFolder.make(path, timeZone: nil).identity.timeZone == "Africa/Lagos")
        #expect(
            sentence { _ = try ArchiveFolder.make(path, timeZone: "UTC") }.hasPrefix(
                "\(path) was made for the time zone Africa/Lagos, not UTC, and days cannot be computed again; drop --time-zone"
            ))
    }

    @Test func anUnknownTimeZoneMakesNothing() throws {
        #expect(
            sentence { _ = try ArchiveFolder.make(path, timeZone: "Mars/X") }.hasPrefix(
                "no time zone is called Mars/X; give"))
        #expect(try Folder(directory.path).names() == [])
    }

    @Test func aFolderOfOtherFilesIsNotTaken() throws {
        try directory.write([], to: "archive/letter.txt")
        #expect(
            sentence { _ = try ArchiveFolder.make(path, timeZone: nil) }.hasPrefix(
                "\(path) holds other files and no _daybook"))
        #expect(try directory.files(below: "archive") == ["letter.txt"])
    }

    @Test(arguments: [".hidden", "lost+found/x", "_sweep.lock"]) func whatMayStandInAnEmptyFolderMayStandThere(
        _ name: String
    ) throws {
        try directory.write([], to: "archive/\(name)")
        #expect(throws: Never.self) { try ArchiveFolder.make(path, timeZone: nil) }
    }

    @Test func aNewerFormatIsRefusedWhateverElseItHolds() throws {
        try write(marker: #"{"format":2,"salts":["x"]}"#)
        for open in [{ try ArchiveFolder(path) }, { try ArchiveFolder.make(path, timeZone: nil) }] {
            #expect(
                sentence { _ = try open() }
                    == "\(path)/_daybook.json says format 2, and this program knows up to 1; use a newer Daybook")
        }
    }

    @Test func aBrokenMarkerIsTold() throws {
        for text in ["", "{", "[]", #"{"format":"1"}"#, #"{"archive":"a"}"#, "\u{0}", marker(format: "0")] {
            try write(marker: text)
            #expect(
                sentence { _ = try ArchiveFolder(path) }.contains("_daybook.json cannot be read: it is not the JSON"))
        }
        for text in [#"{"format":1}"#, marker(zone: "Mars/X"), marker(salt: "00"), marker(salt: "x")] {
            try write(marker: text)
            #expect(
                sentence { _ = try ArchiveFolder(path) }.contains(
                    "format, archive, time_zone or salt is missing or not"))
        }
        try write(marker: marker())
        #expect(throws: Never.self) { try ArchiveFolder(path) }
    }

    @Test func sweepsAreFoundByTheirNumbers() throws {
        let archive = try ArchiveFolder.make(path, timeZone: nil)
        for name in ["10.json", "9.json", "x.json", "9/a", "11/a", "y/a", "12"] {
            try directory.write([], to: "archive/_sweeps/\(name)")
        }
        #expect(try archive.recordedSweeps() == [9, 10])
        #expect(try archive.stagedSweeps() == [9, 11])
    }
}
