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
        let checksum = ContentHash(of: Array("\(format)\na\n\(zone)\n\(salt)\n".utf8))
        return
            #"{"archive":"a","checksum":"\#(checksum)","format":\#(format),"salt":"\#(salt)","time_zone":"\#(zone)"}"#
            + "\n"
    }

    @Test func anArchiveIsCreatedOnceAndNeverChanges() throws {
        let made = try ArchiveFolder.make(path, timeZone: nil)
        let marker = try directory.read("archive/_daybook.json")
        let again = try ArchiveFolder.make(path, timeZone: "UTC")
        #expect(made.identity.archive == again.identity.archive && made.identity.salt == again.identity.salt)
        #expect(try directory.read("archive/_daybook.json") == marker)
        #expect(made.identity.format == 2 && made.identity.timeZone == "UTC" && made.identity.salt.utf8.count == 64)
        #expect(try run("jq", ["-r", ".archive"], input: marker).text == "\(made.identity.archive)\n")
        #expect(try directory.read("archive/_sweeps/_daybook.json") == marker)
        let checksum = try run(
            "sh", ["-c", #"jq -r '.format, .archive, .time_zone, .salt' | sha256sum | head -c 64"#], input: marker)
        #expect(try run("jq", ["-r", ".checksum"], input: marker).text == "\(checksum.text)\n")
        let other = try ArchiveFolder.make(directory("other"), timeZone: "Africa/Lagos")
        #expect(other.identity.archive != made.identity.archive && other.identity.salt != made.identity.salt)
    }

    /// As a kill leaves it: the marker in the making, or only the lock.
    @Test func anInterruptedCreationIsRepeated() throws {
        try directory.write("{".utf8, to: "archive/._daybook.json.tmp")
        try directory.write([], to: "archive/_sweep.lock")
        _ = try ArchiveFolder.make(path, timeZone: nil)
        #expect(try directory.files(below: "archive") == ["_daybook.json", "_sweep.lock", "_sweeps/_daybook.json"])
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
        for text in [
            #"{"format":2}"#, marker().replacing("UTC", with: "UTX"), marker() + " ", String(marker().dropLast()),
        ] {
            try write(marker: text)
            #expect(
                sentence { _ = try ArchiveFolder(path) }.contains("its members are not those of its checksum"))
        }
        try write(marker: marker(zone: "Mars/X"))
        #expect(sentence { _ = try ArchiveFolder(path) }.contains("its time zone Mars/X is not known to this machine"))
        try write(marker: marker())
        #expect(throws: Never.self) { try ArchiveFolder(path) }
    }

    @Test(arguments: ["_daybook.json", "_sweeps/_daybook.json"], ["", "{}", "changed", "gone"])
    func aDamagedMarkerIsReplacedByItsCopy(_ marker: String, _ damage: String) throws {
        let made = try ArchiveFolder.make(path, timeZone: "Africa/Lagos")
        let bytes = try directory.read("archive/\(marker)")
        var damaged = damage == "changed" ? bytes : Array(damage.utf8)
        if damage == "changed" { damaged[20] ^= 1 }
        directory.remove("archive/\(marker)")
        if damage != "gone" { try directory.write(damaged, to: "archive/\(marker)") }
        let opened = try ArchiveFolder(path)
        #expect(opened.identity == made.identity && opened.damagedMarkers == [marker])
        #expect(try ArchiveFolder.make(path, timeZone: nil).damagedMarkers == [])
        #expect(try directory.read("archive/\(marker)") == bytes)
    }

    @Test func markersOfDifferentArchivesAreReported() throws {
        _ = try ArchiveFolder.make(path, timeZone: nil)
        _ = try ArchiveFolder.make(directory("other"), timeZone: nil)
        try directory.write(directory.read("other/_daybook.json"), to: "archive/_daybook.json")
        for open in [{ try ArchiveFolder(path) }, { try ArchiveFolder.make(path, timeZone: nil) }] {
            #expect(sentence { _ = try open() }.contains("are of different archives"))
        }
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
