import AccessLog
import Archive
import ArchiveIndex
import Batch
import Evidence
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// Damaged files, restored to the byte.
@Suite struct RepairTests {
    /// An archive of many sweeps, with late events, redeliveries, quarantine, and decisions.
    private static func archive(businesses: Int, days: Int, signed: Bool = false) throws -> SweepFixture {
        var fixture = try SweepFixture()
        if signed {
            let key = fixture.folder("key")
            _ = try run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])
            fixture.configuration.signKey = key
        }
        var random = SeededGenerator(seed: 4)
        var sent: [(payload: String, environment: Environment)] = []
        for day in 1...days {
            let date = "2026-11-\(day < 10 ? "0" : "")\(day)"
            func time() -> String {
                "\(date)T\(10 + Int.random(in: 0..<10, using: &random)):\(10 + Int.random(in: 0..<50, using: &random)):00.000Z"
            }
            for number in 0..<12 {
                let name =
                    "b \(Int.random(in: 0..<businesses, using: &random))"
                    + (number == 0 ? String(repeating: "é", count: 60) : "")
                let text = String((0..<40).map { _ in "abcdefghij".randomElement(using: &random) ?? "a" })
                let payload =
                    #"{"event":"X","data":{"business_id":"\#(name)","day":\#(day),"n":\#(number),"text":"\#(text)"}}"#
                let environment: Environment = number % 5 == 4 ? .sandbox : .production
                try fixture.receive(payload, at: time(), environment)
                sent.append((payload, environment))
            }
            if let again = sent.suffix(30).randomElement(using: &random) {
                try fixture.receive(again.payload, at: time(), again.environment, salt: UInt64(day))
            }
            let broken = try fixture.receive("{\(day)", at: time())
            fixture.now = Timestamp("\(date)T22:00:00.000Z")!
            try fixture.sweep()
            if day % 3 == 0 { try fixture.decide(day % 2 == 0 ? .release : .discard, broken) }
            // Late: for a day that is sealed.
            if day > 3 {
                try fixture.receive(
                    #"{"event":"Y","data":{"business_id":"b 1","late":\#(day)}}"#,
                    at: "2026-11-\(day - 2 < 10 ? "0" : "")\(day - 2)T23:00:00.000Z")
            }
        }
        return fixture
    }

    private static func isLeftOut(_ path: String) -> Bool { path.hasPrefix("_index.sqlite") || path == "_sweep.lock" }

    private static func damage(_ path: String, in folder: TemporaryDirectory, _ random: inout SeededGenerator) throws {
        var bytes = try folder.read(path)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: folder.remove(path)
        case 1 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 2: bytes += [UInt8](repeating: 7, count: Int.random(in: 1...50, using: &random))
        default:
            guard !bytes.isEmpty else { break }
            let at = Int.random(in: 0..<bytes.count, using: &random)
            for place in at..<min(bytes.count, at + Int.random(in: 1...20, using: &random)) { bytes[place] ^= 0x5a }
        }
        if FileManager.default.fileExists(atPath: folder(path)) { try folder.write(bytes, to: path) }
    }

    private static func isLong() -> Bool { ProcessInfo.processInfo.environment["DAYBOOK_LONG"] != nil }

    /// Repairs, and rebuilds the index if it differs from the files, as the command does.
    private static func repair(_ folder: TemporaryDirectory, from copies: [String]) throws -> [RepairedFile] {
        let files = try Repair(folder("archive"), from: copies, acts: true).run()
        try Recovery.reindex(folder("archive")) { _, _, _ in }
        return files
    }

    @Test func randomDamageIsRepairedToTheByteFromADamagedCopy() throws {
        let original = try Self.archive(businesses: 50, days: Self.isLong() ? 30 : 12)
        let tree = try Tree(original.folder, "archive", without: Self.isLeftOut)
        let index = try original.dumpIndex()
        var random = SeededGenerator()
        let names = try original.folder.files(below: "archive").filter {
            $0 != "_sweep.lock" && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
        }
        for round in 0..<(Self.isLong() ? 200 : 12) {
            let folder = try TemporaryDirectory(inMemory: true)
            try folder.copy("archive", of: original.folder)
            try FileManager.default.copyItem(atPath: original.folder("archive"), toPath: folder("copy"))
            let chosen = names.shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random) + 5)
            for name in chosen.dropFirst(5) { try Self.damage("archive/\(name)", in: folder, &random) }
            for name in chosen.prefix(5) { try Self.damage("copy/\(name)", in: folder, &random) }
            let what = "round \(round): damaged \(chosen.dropFirst(5)), in the copy \(chosen.prefix(5))"
            do {
                let files = try Self.repair(folder, from: [folder("copy")])
                #expect(files.allSatisfy { $0.outcome == .restored }, "\(what): \(files)")
                #expect(
                    try Tree(folder, "archive", without: Self.isLeftOut).differences(from: tree) == [],
                    "\(what): \(files)")
                #expect(try dump(database: folder("archive/_index.sqlite")) == index, "\(what)")
            } catch {
                Issue.record("\(what): \(error)")
            }
        }
    }

    /// The structure of the index is sound, and a value in it is not.
    @Test(arguments: [
        "UPDATE archives SET sha256 = 'x' WHERE archive = 1", "UPDATE sweeps SET kind = 'x' WHERE sweep = 1",
        "UPDATE seals SET day = 'x' WHERE number = 1", "UPDATE ledgers SET environment = 'x'",
    ])
    func anIndexWithADamagedValueIsRebuilt(_ sql: String) throws {
        let original = try Self.archive(businesses: 3, days: 3)
        let index = try original.dumpIndex()
        try execute(sql, database: original.folder("archive/_index.sqlite"))
        let files = try Repair(original.folder("archive"), from: [], acts: true).run()
        // What no other file contradicts is for `verify` to find.
        if files.isEmpty { try Recovery.reindex(original.folder("archive")) { _, _, _ in } }
        #expect(files.allSatisfy { $0.outcome == .restored })
        #expect(try original.dumpIndex() == index)
        #expect(try original.findings() == [])
    }

    @Test func whatIsDerivedNeedsNoCopy() throws {
        let original = try Self.archive(businesses: 8, days: 8)
        let tree = try Tree(original.folder, "archive", without: Self.isLeftOut)
        let index = try original.dumpIndex()
        let names = try original.folder.files(below: "archive").filter {
            $0.hasPrefix("_") && !Self.isLeftOut($0) || $0.contains("/_seals/")
        }
        for name in names {
            let folder = try TemporaryDirectory(inMemory: true)
            try folder.copy("archive", of: original.folder)
            folder.remove("archive/\(name)")
            let plan = try Repair(folder("archive"), from: [], acts: false).run()
            #expect(plan.map(\.path) == [name] && plan.map(\.outcome) == [.restorable], "\(name): \(plan)")
            #expect(!FileManager.default.fileExists(atPath: folder("archive/\(name)")))
            let files = try Repair(folder("archive"), from: [], acts: true).run()
            #expect(files.map(\.path) == [name] && files.map(\.outcome) == [.restored], "\(files)")
            #expect(try Tree(folder, "archive", without: Self.isLeftOut).differences(from: tree) == [], "\(name)")
            #expect(try dump(database: folder("archive/_index.sqlite")) == index, "\(name)")
        }
        // A seal with all of its files, and both of its revisions.
        let folder = try TemporaryDirectory(inMemory: true)
        try folder.copy("archive", of: original.folder)
        for name in names where name.contains("/_seals/2026-11-02") { folder.remove("archive/\(name)") }
        let files = try Repair(folder("archive"), from: [], acts: true).run()
        #expect(files.count >= 6 && files.allSatisfy { $0.outcome == .restored })
        #expect(try Tree(folder, "archive", without: Self.isLeftOut).differences(from: tree) == [])
    }

    /// A sweep that was killed while it published, before the index was lost and a file damaged.
    @Test(arguments: [false, true]) func anInterruptedSweepIsPublishedFirst(_ losesIndex: Bool) throws {
        struct Killed: Error {}
        let fixture = try SweepFixture()
        for business in ["a", "b", "c"] {
            try fixture.receive(#"{"event":"X","data":{"business_id":"\#(business)"}}"#, at: "2026-11-24T10:00:00.000Z")
        }
        try fixture.sweep()
        let copy = try TemporaryDirectory(inMemory: true)
        try copy.copy("archive", of: fixture.folder)
        for business in ["a", "b"] {
            try fixture.receive(
                #"{"event":"X","data":{"business_id":"\#(business)","n":2}}"#, at: "2026-11-24T11:00:00.000Z")
        }
        let undisturbed = try SweepFixture(copyOf: fixture)
        try undisturbed.sweep()
        let second = SweepFixture.archivePath("b", "2026-11-24")
        #expect(throws: Killed.self) { try fixture.sweep { if $0 == .publishing(second) { throw Killed() } } }
        if losesIndex { fixture.removeIndex() }
        fixture.folder.remove("archive/" + SweepFixture.archivePath("c", "2026-11-24"))
        let files = try Repair(fixture.folder("archive"), from: [copy("archive")], acts: true).run()
        #expect(files.allSatisfy { $0.outcome == .restored }, "\(files)")
        try fixture.sweep()
        #expect(try fixture.entries() == [] && fixture.findings() == [])
        for path in try undisturbed.files { #expect(try fixture.lines(path) == undisturbed.lines(path)) }
    }

    // MARK: - Copies

    private static let path = "archive/" + SweepFixture.archivePath("a", "2026-11-24")

    private static func event(_ number: Int) -> String {
        let text = String(repeating: "\(number) and ", count: 20_000)
        return #"{"event":"X","data":{"business_id":"a","n":\#(number),"text":"\#(text)"}}"#
    }

    /// An archive whose file for `a` has grown in three sweeps, by one block each, and a copy after each sweep.
    private static func grown() throws -> (fixture: SweepFixture, copies: [TemporaryDirectory]) {
        let fixture = try SweepFixture()
        let copies = try (1...3).map { number in
            try fixture.receive(Self.event(number), at: "2026-11-24T1\(number):00:00.000Z")
            try fixture.sweep()
            let copy = try TemporaryDirectory(inMemory: true)
            try copy.copy("archive", of: fixture.folder)
            return copy
        }
        return (fixture, copies)
    }

    private static func flip(_ path: String, at offsets: Int..., in folder: TemporaryDirectory) throws {
        var bytes = try folder.read(path)
        for offset in offsets { bytes[offset < 0 ? bytes.count + offset : offset] ^= 1 }
        try folder.write(bytes, to: path)
    }

    @Test func blocksAreTakenFromOlderAndNewerCopies() throws {
        let copies = try Self.grown().copies
        let states = try copies.map { try $0.read(Self.path) }
        let ends = states.map { $0.count - 10 }
        for damage in [[50], [ends[0] + 50], [50, ends[0] + 50], [50, ends[0] + 50, ends[1] + 50]] {
            let target = try TemporaryDirectory(inMemory: true)
            try target.copy("archive", of: copies[2])
            for offset in damage { try Self.flip(Self.path, at: offset, in: target) }
            let older = try TemporaryDirectory(inMemory: true)
            try older.copy("archive", of: copies[0])
            let newer = try TemporaryDirectory(inMemory: true)
            try newer.copy("archive", of: copies[2])
            try Self.flip(Self.path, at: 50, in: newer)
            let files = try Repair(target("archive"), from: [older("archive"), newer("archive")], acts: true).run()
            #expect(files.map(\.outcome) == [.restored], "\(damage): \(files)")
            #expect(try target.read(Self.path) == states[2], "\(damage)")
        }
    }

    @Test func aLaterCopyRestoresTheRecordedState() throws {
        let (_, copies) = try Self.grown()
        let state = try copies[1].read(Self.path)
        copies[1].remove(Self.path)
        let files = try Repair(copies[1]("archive"), from: [copies[2]("archive")], acts: true).run()
        #expect(files.map(\.outcome) == [.restored] && files.map(\.from) == [[copies[2]("archive")]])
        #expect(try copies[1].read(Self.path) == state)
    }

    @Test func whatNoCopyHasIsLostAndKept() throws {
        let (_, copies) = try Self.grown()
        try Self.flip(Self.path, at: -20, in: copies[2])
        let damaged = try copies[2].read(Self.path)
        let files = try Repair(copies[2]("archive"), from: [copies[1]("archive")], acts: true).run()
        #expect(files.map(\.outcome) == [.lost] && files.map(\.from) == [[]])
        #expect(try copies[2].read(Self.path) == damaged)
    }

    @Test func aBundleIsACopy() throws {
        let fixture = try Self.archive(businesses: 5, days: 5)
        let tree = try Tree(fixture.folder, "archive", without: Self.isLeftOut)
        _ = try Export(fixture.archive, Selection(), program: "test", at: fixture.now).write(to: fixture.folder("bag"))
        for path in tree.files.keys where path.hasSuffix("events.ndjson.gz") {
            fixture.folder.remove("archive/\(path)")
        }
        let files = try Repair(fixture.folder("archive"), from: [fixture.folder("bag")], acts: true).run()
        #expect(files.count > 10)
        // The day that is not over is in the bundle too: it is not sealed, but recorded.
        #expect(files.allSatisfy { $0.outcome == .restored }, "\(files)")
        #expect(try Tree(fixture.folder, "archive", without: Self.isLeftOut).differences(from: tree) == [])
    }

    @Test func bothMarkersAreRestoredFromACopy() throws {
        let (_, copies) = try Self.grown()
        let tree = try Tree(copies[2], "archive", without: Self.isLeftOut)
        copies[2].remove("archive/_daybook.json", "archive/_sweeps/_daybook.json")
        #expect(throws: ArchiveError.self) { try Repair(copies[2]("archive"), from: [], acts: true).run() }
        let files = try Repair(copies[2]("archive"), from: [copies[0]("archive")], acts: true).run()
        #expect(files.map(\.outcome) == [.restored, .restored])
        #expect(try Tree(copies[2], "archive", without: Self.isLeftOut).differences(from: tree) == [])
    }

    @Test func anotherArchiveIsNoCopy() throws {
        let (fixture, copies) = try Self.grown()
        let other = try SweepFixture()
        try other.sweep()
        try Self.flip(Self.path, at: 50, in: fixture.folder)
        let before = try Tree(fixture.folder, "archive")
        for copy in [other.folder("archive"), other.folder("spool"), fixture.folder("none")] {
            #expect(throws: (any Error).self, "\(copy)") {
                try Repair(fixture.folder("archive"), from: [copies[0]("archive"), copy], acts: true).run()
            }
        }
        #expect(try Tree(fixture.folder, "archive") == before)
    }

    @Test func whatIsNotDamagedIsNotTouched() throws {
        let fixture = try Self.archive(businesses: 5, days: 5)
        let before = try Tree(fixture.folder, "archive", without: Self.isLeftOut)
        #expect(try Repair(fixture.folder("archive"), from: [], acts: true).run() == [])
        #expect(try Tree(fixture.folder, "archive", without: Self.isLeftOut) == before)
    }

    @Test func linksInACopyAreNotFollowed() throws {
        let (fixture, copies) = try Self.grown()
        try Self.flip(Self.path, at: 50, in: fixture.folder)
        try FileManager.default.moveItem(atPath: copies[2](Self.path), toPath: copies[2]("elsewhere"))
        try FileManager.default.createSymbolicLink(
            atPath: copies[2](Self.path), withDestinationPath: copies[2]("elsewhere"))
        let files = try Repair(fixture.folder("archive"), from: [copies[2]("archive")], acts: false).run()
        #expect(files.map(\.outcome) == [.lost])
    }

    @Test(arguments: ["changed", "cut", "lost"]) func signaturesAndTheAccessLogAreRestoredFromACopy(_ how: String)
        throws
    {
        let fixture = try Self.archive(businesses: 3, days: 4, signed: true)
        for day in ["2026-11-20", "2026-11-21", "2026-11-22"] {
            let log = try AccessLogFolder(in: fixture.archive) { Timestamp("\(day)T10:00:00.000Z")! }
            try log.append([AccessEntry(.page, auditor: "Ada"), AccessEntry(.revocation, auditor: "Eve")])
        }
        let tree = try Tree(fixture.folder, "archive", without: Self.isLeftOut)
        let copy = try TemporaryDirectory(inMemory: true)
        try copy.copy("archive", of: fixture.folder)
        let names = tree.files.keys.filter {
            $0.hasSuffix(".sig") || $0.hasPrefix("_access/2026-11-20") || $0.hasPrefix("_access/2026-11-21")
        }
        #expect(names.count > 6)
        for name in names {
            let bytes = try fixture.folder.read("archive/\(name)")
            switch how {
            case "changed":
                // Whoever reads a signature ignores its line ends.
                let place = bytes.count / 2
                try Self.flip(
                    "archive/\(name)", at: place + (bytes[place] == UInt8(ascii: "\n") ? 1 : 0), in: fixture.folder)
            case "cut": try fixture.folder.write(bytes.dropLast(bytes.count / 2), to: "archive/\(name)")
            default: fixture.folder.remove("archive/\(name)")
            }
        }
        let files = try Repair(fixture.folder("archive"), from: [copy("archive")], acts: true).run()
        #expect(Set(names).symmetricDifference(files.map(\.path)) == [])
        #expect(files.allSatisfy { $0.outcome == .restored }, "\(files)")
        #expect(try Tree(fixture.folder, "archive", without: Self.isLeftOut).differences(from: tree) == [])
    }
}
