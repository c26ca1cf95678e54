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

    private func marker(format: String = "2", zone: String = "UTC", salt: String = String(repeating: "0", count: 64))
        -> String
    {
        #"{"archive":"a","format":\#(format),"salt":"\#(salt)","time_zone":"\#(zone)"}"#
    }

    @Test func anArchiveIsCreatedOnceAndNeverChanges() throws {
        let made = try ArchiveFolder.make(path, timeZone: nil)
        let marker = try directory.read("archive/_daybook.json")
        let again = try ArchiveFolder.make(path, timeZone: "UTC")
        #expect(made.identity.archive == again.identity.archive && made.identity.salt == again.identity.salt)
        #expect(try directory.read("archive/_daybook.json") == marker)
        #expect(made.identity.format == 2 && made.identity.timeZone == "UTC" && made.identity.salt.utf8.count == 64)
        #expect(try run("jq", ["-r", ".archive"], input: marker).text == "\(made.identity.archive)\n")
        let other = try ArchiveFolder.make(directory("other"), timeZone: "Africa/Lagos")
        #expect(other.identity.archive != made.identity.archive && other.identity.salt != made.identity.salt)
    }

    /// As a kill leaves it: the marker in the making, or only the lock.
    @Test func anInterruptedCreationIsRepeated() throws {
        try directory.write("{".utf8, to: "archive/._daybook.json.tmp")
        try directory.write([], to: "archive/_sweep.lock")
        _ = try ArchiveFolder.make(path, timeZone: nil)
        #expect(try directory.files(below: "archive") == ["_daybook.json", "_sweep.lock"])
    }

    @Test func onlyOneProcessCreatesAnArchive() throws {
        let folder = try Folder.make(path)
        let making = try FolderLock(folder, name: "_sweep.lock", purpose: "a test")
        #expect(throws: FolderLock.Held.self) { try ArchiveFolder.make(path, timeZone: nil) }
        #expect(try directory.files(below: "archive") == ["_sweep.lock"])
        _ = consume making
        #expect(throws: Never.self) { try ArchiveFolder.make(path, timeZone: nil) }
    }

    @Test func aMissingArchiveCannotBeOpened() throws {
        try Folder(directory.path).makeFolder("empty")
        for name in ["none", "empty"] {
            #expect(
                sentence { _ = try ArchiveFolder(directory(name)) }
                    == "\(directory(name)) is not an archive; name the archive folder with --archive, or create one with `daybook sweep`"
            )
        }
    }

    @Test func aDifferentTimeZoneIsRejected() throws {
        _ = try ArchiveFolder.make(path, timeZone: "Africa/Lagos")
        #expect(try ArchiveFolder.make(path, timeZone: nil).identity.timeZone == "Africa/Lagos")
        #expect(
            sentence { _ = try ArchiveFolder.make(path, timeZone: "UTC") }.hasPrefix(
                "\(path) was created with the time zone Africa/Lagos, not UTC, and its days cannot be recomputed; omit --time-zone"
            ))
    }

    @Test func anUnknownTimeZoneCreatesNothing() throws {
        #expect(
            sentence { _ = try ArchiveFolder.make(path, timeZone: "Mars/X") }.hasPrefix(
                "Mars/X is not a known time zone; give"))
        #expect(try Folder(directory.path).names() == [])
    }

    @Test func aFolderWithOtherFilesIsRejected() throws {
        try directory.write([], to: "archive/letter.txt")
        #expect(
            sentence { _ = try ArchiveFolder.make(path, timeZone: nil) }.hasPrefix(
                "\(path) contains files but no _daybook"))
        #expect(try directory.files(below: "archive") == ["letter.txt"])
    }

    @Test(arguments: [".hidden", "lost+found/x", "_sweep.lock"]) func filesystemFoldersCountAsEmpty(
        _ name: String
    ) throws {
        try directory.write([], to: "archive/\(name)")
        #expect(throws: Never.self) { try ArchiveFolder.make(path, timeZone: nil) }
    }

    @Test func aNewerFormatIsRejectedWhateverElseItContains() throws {
        try write(marker: #"{"format":3,"salts":["x"]}"#)
        for open in [{ try ArchiveFolder(path) }, { try ArchiveFolder.make(path, timeZone: nil) }] {
            #expect(
                sentence { _ = try open() }
                    == "\(path)/_daybook.json has format 3, but this program supports formats up to 2; use a newer Daybook"
            )
        }
    }

    @Test func format1IsRejected() throws {
        try write(marker: marker(format: "1"))
        for open in [{ try ArchiveFolder(path) }, { try ArchiveFolder.make(path, timeZone: nil) }] {
            #expect(
                sentence { _ = try open() }
                    == "\(path)/_daybook.json has format 1, which was never released and is not supported; sweep into a new archive"
            )
        }
    }

    @Test func aDamagedMarkerIsReported() throws {
        for text in ["", "{", "[]", #"{"format":"1"}"#, #"{"archive":"a"}"#, "\u{0}", marker(format: "0")] {
            try write(marker: text)
            #expect(
                sentence { _ = try ArchiveFolder(path) }.contains("_daybook.json cannot be read: it is not the JSON"))
        }
        for text in [#"{"format":2}"#, marker(zone: "Mars/X"), marker(salt: "00"), marker(salt: "x")] {
            try write(marker: text)
            #expect(
                sentence { _ = try ArchiveFolder(path) }.contains(
                    "format, archive, time_zone or salt is missing or not"))
        }
        try write(marker: marker())
        #expect(throws: Never.self) { try ArchiveFolder(path) }
    }

    @Test func sweepsAreListedByNumber() throws {
        let archive = try ArchiveFolder.make(path, timeZone: nil)
        for name in ["10.ndjson.gz", "9.ndjson.gz", "8.json", "x.ndjson.gz", "9/a", "11/a", "y/a", "12"] {
            try directory.write([], to: "archive/_sweeps/\(name)")
        }
        #expect(try archive.recordedSweeps() == [9, 10])
        #expect(try archive.stagedSweeps() == [9, 11])
    }
}
