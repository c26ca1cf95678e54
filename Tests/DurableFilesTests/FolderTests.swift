import DurableFiles
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct FolderTests {
    let directory: TemporaryDirectory
    let folder: Folder

    init() throws {
        directory = try TemporaryDirectory()
        folder = try Folder(directory.path)
    }

    private func text(_ path: String) throws -> String { String(decoding: try directory.read(path), as: UTF8.self) }

    // MARK: - Making, replacing, moving, removing

    @Test func foldersAreMadeWithTheirParents() throws {
        #expect(try folder.folder("a") == nil)
        #expect(try folder.makeFolder("a/b/c").path == directory("a/b/c"))
        #expect(try folder.makeFolder("a/b/c").path == directory("a/b/c"))
        #expect(try Folder.make(directory("x/y/")).names() == [])
        #expect(try folder.names(.folder) == ["a", "x"])
        #expect(try Folder.existing(directory("none")) == nil)
    }

    @Test func aReplacedFileIsCompleteAndLeavesNoTemporaryFile() throws {
        try folder.replace("record.json", with: Array("one".utf8))
        try folder.replace("record.json", with: Array("two".utf8))
        try folder.replace("a/b/record.json", with: [])
        #expect(try text("record.json") == "two")
        #expect(try directory.files(below: "") == ["a/b/record.json", "record.json"])
    }

    @Test func theLeftoverOfAReplacementIsReplaced() throws {
        try directory.write("half".utf8, to: ".record.json.tmp")
        try folder.replace("record.json", with: Array("whole".utf8))
        #expect(try directory.files(below: "") == ["record.json"])
    }

    @Test func aMoveNeverReplaces() throws {
        let other = try folder.makeFolder("other")
        try directory.write("mine".utf8, to: "name")
        try directory.write("theirs".utf8, to: "other/taken")
        let error = #expect(throws: FileError.self) { try folder.move("name", to: other, as: "taken") }
        #expect(error?.code == EEXIST)
        #expect(try text("name") == "mine" && text("other/taken") == "theirs")
        try folder.move("name", to: other, as: "free")
        #expect(try directory.files(below: "") == ["other/free", "other/taken"])
    }

    @Test func aTreeIsRemovedAndLinksInItAreNotFollowed() throws {
        try directory.write([1], to: "kept/file")
        try directory.write([1], to: "tree/a/b/file")
        try FileManager.default.createSymbolicLink(
            atPath: directory("tree/a/link"), withDestinationPath: directory("kept"))
        try FileManager.default.createSymbolicLink(atPath: directory("link"), withDestinationPath: directory("kept"))
        mkfifo(directory("tree/fifo"), 0o600)
        for name in ["tree", "link", "nothing"] { try folder.removeTree(name) }
        #expect(try folder.names() == ["kept"])
        #expect(try directory.files(below: "kept") == ["file"])
    }

    @Test func removingReturnsWhetherTheFileExisted() throws {
        try directory.write([], to: "file")
        #expect(try folder.remove("file"))
        #expect(try !folder.remove("file"))
    }

    // MARK: - New files

    @Test func aCommittedFileHasItsFinalName() throws {
        let target = try folder.makeFolder("new")
        var file = try folder.newFile("temporary")
        try file.write([1, 2])
        try file.write([])
        try file.write([3])
        #expect(file.size == 3)
        try file.commit(in: target, as: "final")
        #expect(try directory.files(below: "") == ["new/final"])
        #expect(try directory.read("new/final") == [1, 2, 3])
    }

    @Test func aDiscardedNewFileIsRemoved() throws {
        do {
            var file = try folder.newFile("temporary")
            try file.write([1])
            #expect(try folder.names() == ["temporary"])
        }
        #expect(try folder.names() == [])
    }

    @Test func aNewFileThatCannotBeRenamedIsRemoved() throws {
        try folder.makeFolder("taken/by/a/folder")
        let error = #expect(throws: FileError.self) { try folder.newFile("temporary").commit(as: "taken") }
        #expect(error?.operation == .rename)
        #expect(try folder.names() == ["taken"])
    }

    @Test func aNewFileNeverReplacesAnotherFile() throws {
        try directory.write([7], to: "taken")
        let error = #expect(throws: FileError.self) { _ = try folder.newFile("taken") }
        #expect(error?.code == EEXIST)
        #expect(try directory.read("taken") == [7])
    }

    // MARK: - Reading

    @Test func aFileIsReadFromAnyOffsetToItsEnd() throws {
        try directory.write(0..<100, to: "file")
        let file = try #require(try folder.file("file"))
        #expect(file.size == 100)
        #expect(try file.read(at: 10, count: 3) == [10, 11, 12])
        #expect(try file.read(at: 98, count: 50) == [98, 99])
        #expect(try file.read(at: 100, count: 1) == [])
        #expect(try folder.contents(of: "file") == Array(0..<100))
        #expect(try folder.contents(of: "none") == nil)
    }

    @Test func otherKindsOfFilesAreNotOpened() throws {
        try directory.write([1], to: "file")
        try FileManager.default.createSymbolicLink(atPath: directory("link"), withDestinationPath: "file")
        try folder.makeFolder("folder")
        mkfifo(directory("fifo"), 0o600)
        for (name, code) in [("link", ELOOP), ("folder", EISDIR), ("fifo", EINVAL)] {
            let error = #expect(throws: FileError.self) { try folder.contents(of: name) }
            #expect(error?.code == code)
        }
        var kinds: [String: Folder.Kind] = [:]
        try folder.forEachEntry { kinds[$0] = $1 }
        #expect(kinds == ["file": .file, "link": .link, "folder": .folder, "fifo": .other])
        for (name, kind) in kinds { #expect(try folder.status(of: name)?.kind == kind) }
    }

    @Test func statusHasSizeAndMillisecondsEvenBefore1970() throws {
        try directory.write([1, 2, 3], to: "file")
        for time in [1_764_018_888_704, -1500, -1, 0] as [Int64] {
            directory.setModified("file", to: time)
            let status = try #require(try folder.status(of: "file"))
            #expect(status.size == 3 && status.modified == time)
            #expect(try folder.file("file")?.modified == time)
        }
        #expect(try folder.status(of: "none") == nil)
        #expect(try folder.status(of: "file/within") == nil)
        #expect(try folder.freeBytes() > 0)
    }

    /// A filesystem in memory stores any time. Times beyond the range of milliseconds are clamped, which keeps them
    /// outside the years of four digits.
    @Test(arguments: [Int.max, Int.max / 1000, Int.min, -1])
    func anyModificationTimeCanBeRead(_ seconds: Int) throws {
        let memory = try TemporaryDirectory(inMemory: true)
        try memory.write([], to: "file")
        let time = timespec(tv_sec: seconds, tv_nsec: 999_999_999)
        #expect(utimensat(AT_FDCWD, memory("file"), [time, time], 0) == 0)
        let folder = try Folder(memory.path)
        let modified = try #require(try folder.status(of: "file")?.modified)
        #expect(try folder.file("file")?.modified == modified)
        if seconds == -1 { #expect(modified == -1) } else { #expect(abs(modified / 1000) > 10_000_000_000) }
    }
}
