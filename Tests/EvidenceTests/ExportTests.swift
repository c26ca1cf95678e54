import Archive
import ArchiveIndex
import Batch
import Evidence
import SweepSupport
import TestSupport
import Testing
import Webhooks

/// What an export holds at any moment of a sweep. (What it says to an auditor is tested with the programs.)
@Suite struct ExportTests {
    let output: TemporaryDirectory

    init() throws { output = try TemporaryDirectory(inMemory: true) }

    @discardableResult
    private func export(
        _ fixture: SweepFixture, _ selection: Selection = Selection(), to name: String
    ) throws -> Export.Report {
        try Export(fixture.archive, selection, program: "Daybook", at: Timestamp("2026-11-26T09:00:00.000Z")!)
            .write(to: output(name))
    }

    private func expectSound(_ bag: String, _ place: String) throws {
        let result = try run("sh", [output("\(bag)/data/check.sh")])
        #expect(result.status == 0, "\(place): \(result.text)\(result.errors)")
    }

    /// Late data is published before it is sealed. Meanwhile the bag has the day as it was sealed.
    @Test func atEveryPointOfASweep() throws {
        let night = try EventfulNight.shared.get()
        let fixture = try SweepFixture(copyOf: night.eve)
        var bags: [String: String] = [:]
        var late: [Int] = []
        var number = 0
        try fixture.sweep { point in
            number += 1
            let report = try export(fixture, to: "\(number)")
            late.append(report.late)
            // Equal bags are equal to the byte, and checked once.
            if bags.updateValue("\(number)", forKey: report.sha256) == nil { try expectSound("\(number)", "\(point)") }
        }
        let after = try export(fixture, to: "after")
        try expectSound("after", "after the sweep")
        #expect(after.late == 0 && after.unsealed == 0)
        #expect(late.first == 0 && late.contains { $0 > 0 })
        #expect(bags.count > 3)
    }

    @Test func exportsABusinessThatArrivedLate() throws {
        struct Killed: Error {}
        var fixture = try SweepFixture()
        try fixture.receive(#"{"event":"X","data":{"business_id":"acme"}}"#, at: "2026-11-24T08:00:00.000Z")
        try fixture.sweep()
        fixture.now = Timestamp("2026-11-26T02:00:00.000Z")!
        try fixture.receive(#"{"event":"X","data":{"business_id":"late"}}"#, at: "2026-11-24T09:00:00.000Z")
        #expect(throws: Killed.self) {
            try fixture.sweep { if case .sealing = $0 { throw Killed() } }
        }
        let selection = Selection(business: .named("late"))
        #expect {
            try export(fixture, selection, to: "late")
        } throws: {
            guard case ExportError.nothing(_, let late) = $0 else { return false }
            return late == 1 && "\($0)".contains("daybook sweep")
        }
        #expect(try output.files(below: ".") == [])
        #expect(try export(fixture, to: "all").late == 1)
        try expectSound("all", "before the late day is sealed")
        try fixture.sweep()
        #expect(try export(fixture, selection, to: "late").events == 1)
        try expectSound("late", "once it is sealed")
    }

    @Test func aTarEqualsTheFolderAndIsReproducible() throws {
        let night = try EventfulNight.shared.get()
        let fixture = try SweepFixture(copyOf: night.eve)
        let selection = Selection(environment: .production, business: .named("acme"))
        try export(fixture, selection, to: "folder")
        try export(fixture, selection, to: "bag.tar")
        let first = try output.read("bag.tar")
        output.remove("bag.tar")
        try export(fixture, selection, to: "bag.tar")
        #expect(try output.read("bag.tar") == first)
        #expect(try run("tar", ["xf", "bag.tar"], in: output.path).status == 0)
        #expect(try Tree(output, "bag").differences(from: Tree(output, "folder")) == [])
        // When the newest seal was made.
        let listed = try run("tar", ["tvf", "bag.tar", "--full-time", "--utc"], in: output.path)
        #expect(
            listed.lines.allSatisfy { $0.contains("0/0") && $0.contains(" 2026-11-25 02:00:00 ") }, "\(listed.text)")
    }
}
