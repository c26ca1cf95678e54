import Archive
import ArchiveIndex
import Batch
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
}
