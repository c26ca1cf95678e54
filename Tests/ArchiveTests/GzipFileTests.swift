import Archive
import DurableFiles
import TestSupport
import Testing
import Webhooks

@Suite struct GzipFileTests {
    let directory: TemporaryDirectory
    let archive: ArchiveFolder
    let path = "environment=production/business=acme/day=2026-11-23/events.ndjson.gz"
    let states: [GzipFile]

    init() throws {
        directory = try TemporaryDirectory()
        archive = try ArchiveFolder.make(directory("archive"), timeZone: nil)
        let fixture = try GzipFixture()
        var states: [GzipFile] = []
        for number in 0..<3 {
            states.append(try fixture.write(["line \(number)"], after: states.last, to: "\(number)").file)
        }
        self.states = states
    }

    private func open(_ number: Int) throws -> GzipFile {
        try GzipFile(GzipReference(path: path, state: states[number].state, sweep: number), in: archive)
    }

    private func put(_ number: Int, at path: String) throws {
        try directory.write(states[number].bytes, to: "archive/\(path)")
    }

    @Test func aStateIsAFileOrThePrefixOfALongerOne() throws {
        for number in 1...2 {
            try put(number, at: path)
            #expect(try open(1).bytes == states[1].bytes)
        }
    }

    @Test func anUnpublishedStateIsReadFromItsStaging() throws {
        try put(1, at: ArchivePath.staged(path, 1))
        #expect(try open(1).bytes == states[1].bytes)
        try put(0, at: path)
        #expect(try open(1).bytes == states[1].bytes && open(0).bytes == states[0].bytes)
    }

    @Test func aMissingStateIsReportedWithItsPath() throws {
        let missing = #expect(throws: ArchiveError.self) { try open(1) }
        #expect(
            "\(missing!)"
                == "\(directory("archive/\(path)")) is not as recorded: there is no such file; run `daybook verify`")
        try put(0, at: path)
        try put(1, at: ArchivePath.staged(path, 9))
        let short = #expect(throws: ArchiveError.self) { try open(1) }
        let (has, written) = (states[0].state.gzipBytes, states[1].state.gzipBytes)
        #expect("\(short!)".contains("it has \(has) bytes, but \(written) were written"))
    }

    @Test(arguments: [0, 11, 30]) func aChangedByteIsReportedAfterTheLastPiece(_ place: Int) throws {
        var bytes = try states[2].bytes
        bytes[place] ^= 0x80
        try directory.write(bytes, to: "archive/\(path)")
        var handedOut = 0
        #expect(throws: ArchiveError.self) { try open(1).stream { handedOut += $0.count } }
        #expect(handedOut == states[1].state.gzipBytes)
    }

    @Test func aCopyIsCompleteOrAbsent() throws {
        try put(2, at: path)
        try open(1).copy(to: directory("copy.gz"))
        #expect(try directory.read("copy.gz") == states[1].bytes)
        try directory.write([UInt8](repeating: 0, count: 500), to: "archive/\(path)")
        #expect(throws: ArchiveError.self) { try open(1).copy(to: directory("none.gz")) }
        #expect(try Folder(directory.path).names(.file) == ["copy.gz"])
    }

    @Test func aBlockIsReadAloneAndCheckedAgainstItsHash() throws {
        let fixture = try GzipFixture()
        let lines = (0..<60_000).map { "line \($0)" }
        let (file, blocks) = try fixture.write(lines, to: "a")
        let inflater = Inflater()
        let offset = GzipMember.header.count + blocks[0].gzipBytes
        let text = try file.text(of: blocks[1], at: offset, inflater: inflater)
        #expect(text == Array(try file.scan().text[blocks[0].textBytes...].prefix(blocks[1].textBytes)))
        #expect(inflater.blocks == 1)
        #expect(throws: ArchiveError.self) { try file.text(of: blocks[1], at: offset + 1, inflater: inflater) }
        var lying = blocks[1]
        for count in [-1, 0, lying.textBytes - 1, lying.textBytes + 1, .max] {
            lying.textBytes = count
            #expect(throws: ArchiveError.self) { try file.text(of: lying, at: offset, inflater: inflater) }
        }
    }
}
