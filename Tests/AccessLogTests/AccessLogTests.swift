import Archive
import Foundation
import SweepSupport
import TestSupport
import Testing
import Webhooks

@testable import AccessLog

@Suite struct AccessLogTests {
    let folder: TemporaryDirectory
    let archive: ArchiveFolder
    let clock = TestClock()

    init() throws {
        folder = try TemporaryDirectory(inMemory: true)
        archive = try ArchiveFolder.make(folder("archive"), timeZone: nil)
    }

    private func log() throws -> AccessLogFolder {
        try AccessLogFolder(in: archive) { [clock] in clock.now }
    }

    private func page(_ what: String) -> AccessEntry {
        var entry = AccessEntry(.page, auditor: "Ada")
        entry.what = what
        return entry
    }

    @Test func entriesAreReadAsWritten() throws {
        try log().append([page("/one"), page("/two")])
        clock.advance(hours: 1)
        try log().append([page("/three")])
        let entries = try log().entries()
        #expect(entries.map(\.what) == ["/one", "/two", "/three"])
        #expect(entries.map(\.time.description).last == "2026-11-25T03:00:00.000Z")
    }

    @Test func theFirstEntryOfADaySealsTheDaysBefore() throws {
        let log = try log()
        try log.append([page("/one")])
        clock.advance(hours: 24)
        try log.append([page("/two")])
        clock.advance(hours: 72)
        try log.append([page("/three")])
        #expect(
            try folder.files(below: "archive/_access") == [
                "2026-11-25.ndjson", "2026-11-25.sha256", "2026-11-26.ndjson", "2026-11-26.sha256", "2026-11-29.ndjson",
                "_access.lock",
            ])
        for day in ["2026-11-25", "2026-11-26"] {
            let result = try run("sha256sum", ["-c", "\(day).sha256"], in: folder("archive/_access"))
            #expect(result.status == 0, "\(result.text)\(result.errors)")
        }
        #expect(
            String(decoding: try folder.read("archive/_access/2026-11-26.sha256"), as: UTF8.self).contains(
                "2026-11-25.sha256"))
        #expect(try log.findings().isEmpty)
    }

    @Test func aClockSetBackDoesNotChangeASealedDay() throws {
        try log().append([page("/one")])
        clock.advance(hours: 24)
        try log().append([page("/two")])
        clock.advance(hours: -24)
        try log().append([page("/three")])
        #expect(try folder.files(below: "archive/_access").filter { $0.hasSuffix(".ndjson") }.count == 2)
        #expect(try log().findings().isEmpty)
        #expect(Set(try log().entries().compactMap(\.what)) == ["/one", "/two", "/three"])
    }

    @Test func aTruncatedLineDoesNotDamageTheNext() throws {
        try folder.write(#"{"kind":"page","what":"/cu"#.utf8, to: "archive/_access/2026-11-25.ndjson")
        try log().append([page("/one")])
        #expect(try log().entries().map(\.what) == ["/one"])
        let text = String(decoding: try folder.read("archive/_access/2026-11-25.ndjson"), as: UTF8.self)
        #expect(text.hasPrefix(#"{"kind":"page","what":"/cu"# + "\n{"))
    }

    @Test(arguments: ["2026-11-25.ndjson", "2026-11-25.sha256", "2026-11-26.ndjson", "2026-11-25.grants.ndjson"])
    func changesAndRemovalsAreFound(_ name: String) throws {
        let auditors = Auditors(try log())
        _ = try auditors.add(
            name: "Ada", scope: Scope(businesses: nil, environments: [.production], from: nil, to: nil),
            expires: Timestamp("2027-01-01T00:00:00.000Z")!, by: "root", at: clock.now)
        for _ in 0..<3 {
            try log().append([page("/one")])
            clock.advance(hours: 24)
        }
        #expect(try log().findings().isEmpty)
        let path = "archive/_access/\(name)"
        let bytes = try folder.read(path)
        try folder.write(bytes.dropLast(2) + [UInt8(ascii: "!"), UInt8(ascii: "\n")], to: path)
        #expect(try !log().findings().isEmpty)
        try FileManager.default.removeItem(atPath: folder(path))
        #expect(try !log().findings().isEmpty)
    }

    @Test func manyWritersLoseNothing() async throws {
        let log = try log()
        let other = try self.log()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { try (number % 2 == 0 ? log : other).append([page("/\(number)")]) }
            }
            try await group.waitForAll()
        }
        #expect(Set(try log.entries().compactMap(\.what)).count == 40)
    }
}
