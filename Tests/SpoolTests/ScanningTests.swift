import DurableFiles
import Foundation
import Spool
import TestSupport
import Testing
import Webhooks

@Suite struct ScanningTests {
    let fixture: SpoolFixture

    init() throws { fixture = try SpoolFixture() }

    private let id = "01970000-0000-7000-8000-000000000000"
    private let time = Timestamp(milliseconds: 0x0197_0000_0000)

    // MARK: - Names

    @Test func theReceiversNamesContainIdAndTime() throws {
        try fixture.write("{}", to: "new/\(id).json", at: "2001-01-01T00:00:00.000Z")
        let entry = try #require(try fixture.part.scan().entries.first)
        #expect(entry.id.description == id && entry.time == time && entry.name.body == "\(id).json")
    }

    @Test(arguments: [
        "backfill.json", "01970000-0000-7000-8000-00000000000A.json", "01970000-0000-4000-8000-000000000000.json",
        "01970000-0000-7000-c000-000000000000.json", "01970000-0000-7000-8000-000000000000", "ünï cödé.json",
        "u\u{308}ni.json", "a\nb", "~", "-rf", "x.reason", "ffffffff-ffff-7000-8000-000000000000.json",
    ])
    func anyOtherNameGetsAnIDFromAHash(_ name: String) throws {
        let bytes = #"{"event":"X"}"#
        try fixture.write(bytes, to: "new/\(name)", at: "2026-11-23T21:14:48.704Z")
        let entry = try #require(try fixture.part.scan().entries.first)
        #expect(entry.time == Timestamp("2026-11-23T21:14:48.704Z") && entry.name.body.utf8.elementsEqual(name.utf8))

        let python = """
            import hashlib, sys, uuid
            name, data = sys.argv[1].encode(), sys.argv[2].encode()
            first = bytearray(hashlib.sha256(b'production\\0' + name + b'\\0' + data).digest()[:16])
            first[6] = first[6] & 0x0f | 0x80
            first[8] = first[8] & 0x3f | 0x80
            print(uuid.UUID(bytes=bytes(first)), end='')
            """
        #expect(try run("python3", ["-c", python, name, bytes]).text == entry.id.description)
        #expect(entry.id.version == 8)
    }

    @Test func theIDDependsOnEnvironmentNameAndBytes() throws {
        let sandbox = try fixture.spool.environment(.sandbox)!
        try fixture.write("{}", to: "new/a")
        try fixture.write("{}", to: "new/b")
        try fixture.write("{} ", to: "new/c")
        try fixture.folder.write("{}".utf8, to: "spool/sandbox/new/a")
        let ids = try (fixture.part.scan().entries + sandbox.scan().entries).map(\.id)
        #expect(Set(ids).count == 4)
    }

    @Test func entriesAreSortedByReceiptThenID() throws {
        let names = [
            "01970000-0001-7000-8000-000000000000.json", "01970000-0000-7fff-8000-000000000000.json", "\(id).json",
        ]
        for name in names { try fixture.write("{}", to: "new/\(name)") }
        try fixture.write("{}", to: "new/late", at: "2026-11-23T00:00:00.000Z")
        try fixture.write("{}", to: "new/early", at: "1969-12-31T23:59:59.999Z")
        try fixture.write("{}", to: "new/same", at: time.description)
        let entries = try fixture.part.scan().entries
        #expect(entries.map(\.name.body) == ["early", names[2], names[1], "same", names[0], "late"])
        #expect(entries.first?.time == Timestamp(milliseconds: -1))
    }

    // MARK: - Portions

    /// Entries of the same millisecond, too, are listed once, whoever named them.
    @Test func portionsOfAnySizeListEachEntryOnce() throws {
        var random = SeededGenerator()
        for number in 0..<40 {
            let milliseconds = time.milliseconds + Int64.random(in: 0..<5, using: &random)
            if Bool.random(using: &random) {
                let id = DeliveryID(nanoseconds: UInt64(milliseconds) * 1_000_000, random: random.next())
                try fixture.write("{}", to: "new/\(id).json")
                if number % 4 == 0 { try fixture.write("{}", to: "new/\(id).headers.json") }
            } else {
                try fixture.write("{}", to: "new/\(number)", at: Timestamp(milliseconds: milliseconds).description)
            }
        }
        try FileManager.default.createDirectory(
            atPath: fixture.folder("spool/production/new/odd"), withIntermediateDirectories: false)
        let all = try fixture.part.scan()
        #expect(all.entries.count == 40 && all.total == 40 && all.last == nil && all.odd.count == 1)
        for limit in [1, 2, 3, 7, 16, 39, 40, 41] {
            var (entries, portions): ([SpoolEntry], Int) = ([], 1)
            var scan = try fixture.part.scan(limit: limit)
            #expect(scan.odd.count == 1)
            while true {
                #expect(scan.total == 40 - entries.count && scan.entries.count <= limit)
                #expect(scan.entries.first.map { $0.time >= entries.last?.time ?? $0.time } ?? true)
                entries += scan.entries
                guard let last = scan.last else { break }
                scan = try fixture.part.scan(after: last, limit: limit)
                #expect(scan.odd.isEmpty)
                portions += 1
            }
            #expect(portions == (40 + limit - 1) / limit)
            #expect(entries.map(\.time) == all.entries.map(\.time))
            #expect(Set(entries.map(\.id)) == Set(all.entries.map(\.id)))
            #expect(entries.count { $0.hasSidecar } == all.entries.count { $0.hasSidecar })
        }
    }

    @Test func aPortionIsCutAfterATime() throws {
        for number in 0..<4 { try fixture.write("{}", to: "new/\(number)", at: "2026-11-23T00:00:0\(number).000Z") }
        var scan = try fixture.part.scan()
        scan.cut(after: Timestamp("2026-11-22T00:00:00.000Z")!)
        #expect(scan.entries.count == 4 && scan.last == nil)
        scan.cut(after: Timestamp("2026-11-23T00:00:01.000Z")!)
        #expect(scan.entries.map(\.name.body) == ["0", "1"])
        #expect(try fixture.part.scan(after: scan.last).entries.map(\.name.body) == ["2", "3"])
    }

    // MARK: - Names that are not entries

    @Test func otherKindsOfFilesAreReportedAndKept() throws {
        let new = fixture.folder("spool/production/new")
        try fixture.write("{}", to: "elsewhere")
        try FileManager.default.createSymbolicLink(atPath: "\(new)/link.json", withDestinationPath: "../elsewhere")
        try FileManager.default.createDirectory(atPath: "\(new)/folder.json", withIntermediateDirectories: false)
        mkfifo("\(new)/fifo.json", 0o600)
        let scan = try fixture.part.scan()
        #expect(scan.entries.isEmpty && scan.unreadable.isEmpty)
        let names = ["fifo", "folder", "link"]
        #expect(
            scan.odd.sorted()
                == names.map {
                    "\(new)/\($0).json is not a regular file, so not a delivery; it is left alone"
                })
        #expect(try fixture.part.new.names() == names.map { "\($0).json" })
    }

    @Test(arguments: [".gitkeep", ".hidden.json", ".\u{301}x.json", "..json"])
    func namesThatBeginWithADotAreIgnored(_ name: String) throws {
        try fixture.write("{}", to: "new/\(name)")
        let scan = try fixture.part.scan()
        #expect(scan.entries.isEmpty && scan.odd.isEmpty && scan.unreadable.isEmpty)
    }

    @Test func aSidecarAloneIsNotAnEntry() throws {
        try fixture.write("{}", to: "new/\(id).headers.json")
        let scan = try fixture.part.scan()
        #expect(scan.entries.isEmpty && scan.odd.isEmpty)
    }

    @Test func aNameThatIsNotUTF8IsReported() throws {
        let result = try run(
            "bash", ["-c", "printf '{}' > $'caf\\xe9.json'"], in: fixture.folder("spool/production/new"))
        #expect(result.status == 0)
        let scan = try fixture.part.scan()
        #expect(scan.entries.isEmpty && scan.unreadable.isEmpty)
        #expect(
            scan.odd.count == 1
                && scan.odd[0].contains("caf\u{FFFD}.json has a name that is not valid UTF-8; rename it"))
    }

    @Test func aModificationTimeOutsideFourDigitYearsIsReported() throws {
        try fixture.write("{}", to: "new/far")
        fixture.folder.setModified("spool/production/new/far", to: 253_402_300_800_000)
        let scan = try fixture.part.scan()
        // Not every filesystem can store such a time.
        let isKept = try fixture.part.new.status(of: "far")!.modified >= 253_402_300_800_000
        #expect(scan.entries.count == (isKept ? 0 : 1) && scan.odd.count == (isKept ? 1 : 0))
    }
}
