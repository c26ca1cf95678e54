import Archive
import ArchiveIndex
import Batch
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// The index is disposable: rebuilt from the files, it is the same.
@Suite struct RebuildTests {
    /// An archive with everything that an index records: the eventful night, a release, a discard, and a third revision.
    let fixture: SweepFixture

    init() throws {
        var fixture = try SweepFixture(copyOf: EventfulNight.shared.get().eve)
        try fixture.sweep()
        fixture.now = Timestamp("2026-11-27T02:00:00.000Z")!
        let held = try IndexDatabase.open(forReadingIn: fixture.archive).read { try $0.quarantine(Selection()) }
        try fixture.decide(.release, held[0].line.id, held[1].line.id)
        try fixture.decide(.discard, held[2].line.id)
        try fixture.receive(#"{"event":"X","data":{"business_id":"acme"}}"#, at: "2026-11-24T12:00:00.000Z")
        try fixture.sweep()
        try fixture.decide(.release, held[0].line.id)
        self.fixture = fixture
    }

    /// As `.dump` of sqlite3 has it.
    private func sqlDump() throws -> [String] {
        let python = "import sqlite3, sys; print('\\n'.join(sqlite3.connect(sys.argv[1]).iterdump()))"
        let dump = try run("python3", ["-c", python, fixture.folder("archive/_index.sqlite")]).text
        return dump.split(separator: "\n").map(String.init)
    }

    @Test func theHistoryCoversEveryCase() throws {
        let index = try IndexDatabase.open(forReadingIn: fixture.archive)
        let states = try index.read { try $0.quarantine(Selection()).map(\.state) }
        #expect(Set(states) == [.held, .released, .discarded] && states.count > 4)
        #expect(try index.read { try $0.seals(.production).map(\.revision).max() } == 3)
        #expect(try index.read { try $0.lastSweep() } == 6)
        #expect(try fixture.findings() == [])
    }

    @Test(arguments: [false, true]) func aRebuiltIndexHasTheSameDump(isIndexGone: Bool) throws {
        let before = try sqlDump()
        if isIndexGone { fixture.removeIndex() }
        _ = try Rebuild(fixture.archive).run()
        let changes = try sqlDump().difference(from: before).map { "\($0)" }
        #expect(changes == [])
        #expect(try fixture.findings() == [])
    }

    @Test func progressCountsBytesRead() throws {
        var (seen, read) = ([String](), 0)
        _ = try Rebuild(fixture.archive) { path, done, total in
            #expect(done == read)
            #expect(try total == fixture.files.reduce(0) { try $0 + fixture.folder.read("archive/\($1)").count })
            seen.append(path)
            read += try fixture.folder.read("archive/\(path)").count
        }.run()
        #expect(try seen.sorted() == fixture.files.sorted())
    }

    @Test func aReindexOfAnInterruptedSweepFinishesItFirst() throws {
        struct Killed: Error {}
        try fixture.receive(#"{"event":"X","data":{"business_id":"acme","n":2}}"#, at: "2026-11-26T12:00:00.000Z")
        let undisturbed = try SweepFixture(copyOf: fixture)
        try undisturbed.sweep()
        #expect(throws: Killed.self) { try fixture.sweep { if $0 == .committed { throw Killed() } } }
        try Recovery.reindex(fixture.configuration.archive) { _, _, _ in }
        try fixture.sweep()
        let changes = try fixture.dumpIndex().difference(from: undisturbed.dumpIndex()).map { "\($0)" }
        #expect(changes == [])
        #expect(try fixture.entries() == undisturbed.entries())
    }

    @Test(arguments: [
        "an archive changed", "an archive cut", "an archive gone", "a ledger changed", "a ledger gone", "a record gone",
        "a record broken", "a seal broken", "a statement gone",
    ])
    func damageIsReportedAndABetterIndexRemains(_ damage: String) throws {
        let before = try fixture.dumpIndex()
        _ = try harm(damage)
        let error = #expect(throws: ArchiveError.self) { try Rebuild(fixture.archive).run(keepsBetter: true) }
        #expect(error?.description.contains(fixture.folder("archive/")) == true, "\(error?.description ?? "")")
        #expect(try fixture.dumpIndex() == before)
    }

    @Test(arguments: [
        "an archive changed", "an archive cut", "an archive gone", "a ledger changed", "a ledger gone", "a record gone",
        "a record broken", "a seal broken", "a statement gone",
    ])
    func aLostIndexIsRebuiltFromWhatIsWhole(_ damage: String) throws {
        let before = try fixture.dumpIndex()
        let all = try IndexDatabase.open(forReadingIn: fixture.archive).read { try $0.files(.archives) }
        let harmed = try harm(damage)
        fixture.removeIndex()
        let index = try Rebuild(fixture.archive).run()
        try index.read { snapshot in
            let damage = try snapshot.damage()
            #expect(damage.map(\.path) == [harmed.unreadable])
            // Whatever is not damaged is there, under the same names and with as many lines.
            let files = try snapshot.files(.archives)
            #expect(files.map(\.path) == all.map(\.path))
            for file in files where file.path != harmed.path && !harmed.path.hasPrefix("_sweeps") {
                #expect(try snapshot.blocks(of: file).reduce(0) { $0 + $1.block.lines } == file.state.lines)
            }
        }
        try fixture.folder.write(harmed.bytes, to: "archive/\(harmed.path)")
        try Recovery.reindex(fixture.configuration.archive) { _, _, _ in }
        #expect(try fixture.dumpIndex() == before)
    }

    private struct Harm {
        /// The path of the damaged file in the archive.
        let path: String
        /// Its bytes before.
        let bytes: [UInt8]
        /// The path of the file that cannot be read because of that.
        let unreadable: String
    }

    private func harm(_ damage: String) throws -> Harm {
        let archive = "archive/" + SweepFixture.archivePath("acme", "2026-11-24")
        let ledger = "archive/" + SweepFixture.ledgerPath("acme", "2026-11-25")
        let seal = "archive/environment=production/_seals/2026-11-24"
        let path =
            switch damage.split(separator: " ")[1] {
            case "archive": archive
            case "ledger": ledger
            case "record": "archive/_sweeps/2.ndjson.gz"
            case "seal": "\(seal).sha256"
            default: "\(seal).json"
            }
        let bytes = try fixture.folder.read(path)
        var changed = bytes
        switch damage.split(separator: " ")[2] {
        case "changed": changed[changed.count / 2] ^= 1
        case "cut": changed.removeLast()
        case "broken": changed[0] = 0x67
        default: break
        }
        fixture.folder.remove(path)
        if changed != bytes { try fixture.folder.write(changed, to: path) }
        // A seal without its statement is what cannot be read.
        let unreadable = damage == "a statement gone" ? "\(seal).sha256" : path
        return Harm(path: String(path.dropFirst(8)), bytes: bytes, unreadable: String(unreadable.dropFirst(8)))
    }
}
