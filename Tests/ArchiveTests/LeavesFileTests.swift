import DurableFiles
import TestSupport
import Testing
import Webhooks

@testable import Archive

/// The file of leaves, read in order and searched, whole and damaged.
@Suite struct LeavesFileTests {
    let directory: TemporaryDirectory
    let root: Folder

    init() throws {
        directory = try TemporaryDirectory()
        root = try Folder.make(directory("archive"))
    }

    private static let name = "2026-11-23.leaves.tar.gz"

    private func write(_ entries: [(path: String, bytes: [UInt8])], end: [UInt8] = TarEntry.end) throws {
        var tar = try GzipAppender(
            after: nil, to: root.newFile("new", replacingLeftover: true), deflater: Deflater())
        for (path, bytes) in entries {
            let entry = TarEntry(path: path, size: bytes.count, modified: Timestamp(milliseconds: 0))
            try tar.append(entry.header + bytes + TarEntry.padding(after: bytes.count))
        }
        if !end.isEmpty { try tar.append(end) }
        try tar.commit(as: Self.name)
    }

    private func entries(_ count: Int, for test: String = #function) -> [(path: String, bytes: [UInt8])] {
        var random = SeededGenerator(test)
        return (0..<count).map { _ in
            let name = String((0..<32).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "0" })
            let bytes = (0..<Int.random(in: 0..<2000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            return ("_seals/2026-11-23/\(name).sha256", bytes)
        }.sorted { $0.path < $1.path }
    }

    /// The first, the last, and some in between.
    private static func sample<Element>(_ entries: [Element]) -> [Element] {
        stride(from: 0, to: entries.count, by: max(1, entries.count / 40)).map { entries[$0] } + entries.suffix(1)
    }

    private func all() throws -> [(path: String, bytes: [UInt8])] {
        var file = try LeavesFile(Self.name, in: root)
        var all: [(path: String, bytes: [UInt8])] = []
        while let entry = try file.next() { all.append(entry) }
        return all
    }

    @Test(arguments: [0, 1, 2, 300, 5000])
    func everyLeafIsReadInOrderAndFound(_ count: Int) throws {
        let written = entries(count)
        try write(written)
        let read = try all()
        #expect(read.map(\.path) == written.map(\.path) && read.map(\.bytes) == written.map(\.bytes))
        var file = try LeavesFile(Self.name, in: root)
        for (path, bytes) in Self.sample(written) { #expect(try file.find(path) == bytes, "\(path)") }
        for absent in ["", "_seals/2026-11-23/8.sha256", "_seals/2026-11-23/~"] {
            #expect(try file.find(absent) == nil)
        }
    }

    @Test func tarUnpacksIt() throws {
        let written = entries(100)
        try write(written)
        let listed = try run("tar", ["-tvzf", directory("archive/\(Self.name)")])
        #expect(listed.status == 0 && listed.errors.isEmpty)
        #expect(
            listed.lines.allSatisfy { $0.hasPrefix("-rw-r--r-- 0/0") && $0.contains("1970-01-01") }, "\(listed.text)")
        try root.makeFolder("unpacked")
        _ = try run("tar", ["-xzf", directory("archive/\(Self.name)"), "-C", directory("archive/unpacked")])
        for (path, bytes) in written { #expect(try directory.read("archive/unpacked/\(path)") == bytes) }
    }

    @Test func damageInOneBlockHidesOnlyItsLeaves() throws {
        let written = entries(5000)
        try write(written)
        var bytes = try directory.read("archive/\(Self.name)")
        let place = bytes.count / 2
        for offset in place..<(place + 100) { bytes[offset] ^= 0xff }
        try directory.write(bytes, to: "archive/\(Self.name)")
        #expect(throws: ArchiveError.self) { try all() }
        var file = try LeavesFile(Self.name, in: root)
        // A block has 256 KiB of text, some 170 of these entries.
        let sample = Self.sample(written)
        let hidden = try sample.count { try file.find($0.path) != $0.bytes }
        #expect((1..<sample.count / 8).contains(hidden), "\(hidden)")
    }

    @Test func aFileOfAnotherFormIsDamaged() throws {
        let good = entries(300)
        func isRefused(_ entries: [(path: String, bytes: [UInt8])], end: [UInt8] = TarEntry.end) throws -> Bool {
            try write(entries, end: end)
            do { _ = try all() } catch is ArchiveError { return true }
            return false
        }
        #expect(try !isRefused(good))
        #expect(try isRefused(good, end: []), "no end")
        #expect(try isRefused(good, end: [UInt8](repeating: 0, count: 512)), "half an end")
        #expect(try isRefused(good, end: TarEntry.end + [0]), "something after the end")
        #expect(try isRefused(good.reversed()), "another order")
        #expect(try isRefused([good[0], good[0]]), "twice the same")
        let header = TarEntry(path: "a", size: 0, modified: Timestamp(milliseconds: 1000)).header
        #expect(try isRefused([], end: header + TarEntry.end), "a time")
    }

    @Test func aHeaderIsUstarOrGNUs() {
        func magic(_ path: String, size: Int) -> [UInt8] {
            Array(TarEntry(path: path, size: size, modified: Timestamp(milliseconds: 0)).header[257..<265])
        }
        #expect(magic("a", size: 1) == Array("ustar\u{0}00".utf8))
        #expect(magic("a", size: 1 << 33) == Array("ustar  \u{0}".utf8))
        #expect(magic(String(repeating: "a", count: 101), size: 1) == Array("ustar  \u{0}".utf8))
    }

    /// Only the places of files are objects.
    @Test func aStatementIsAsItIsWritten() throws {
        let text = ##"""
            # {"archived":0,"business":"acme","day":"2026-11-23","discarded":0,"environment":"production",\##
            "quarantined":0,"redelivered":0,"released":0,"revision":1}

            """##
        let leaf = try Leaf(Array(text.utf8), path: "a leaf", in: "a file")
        #expect(leaf.statement.business == "acme" && leaf.files == [])
        #expect(Leaf(path: "a leaf", statement: leaf.statement) == leaf)
        for (part, replacement) in [
            (#""acme""#, "{}"), (#""acme""#, #"{"a":1}"#), (#""revision":1"#, #""revision":{}"#),
            (#""revision":1"#, #""ledger":"x","revision":1"#), (#""archived":0"#, #""archive":{"a":{}},"archived":0"#),
            (#""archived":0"#, #""archive":{"path":"x"},"archived":0"#),
            (#""archived":0"#, #""a":{"b":1},"archived":0"#),
            ("2026-11-23", "2026-11-31"), ("1}", "1}}"), ("1}", "1"),
        ] {
            let line = text.replacing(part, with: replacement)
            #expect(line != text)
            #expect(throws: ArchiveError.self, "\(line)") { try Leaf(Array(line.utf8), path: "a leaf", in: "a file") }
        }
    }
}
