import Archive
import Batch
import DurableFiles
import Foundation
import SweepSupport
import TestSupport
import Testing

/// The staging of a sweep that was interrupted after its commit is damaged before the next one publishes it.
@Suite struct DamagedStagingTests {
    struct Killed: Error {}

    enum Damage: CaseIterable { case lost, cut, longer, changed }

    let night: EventfulNight

    init() throws { night = try EventfulNight.shared.get() }

    /// Stops a sweep at a point, and damages a file of its staging.
    private func interrupted(at point: Int, _ damage: Damage, _ file: (String) -> Bool) throws -> SweepFixture? {
        let fixture = try SweepFixture(copyOf: night.eve)
        var seen = 0
        #expect(throws: Killed.self) {
            try fixture.sweep { _ in
                seen += 1
                if seen > point { throw Killed() }
            }
        }
        let folder = "archive/_sweeps/2"
        let names = try fixture.folder.files(below: folder).filter(file)
        if names.isEmpty { return nil }
        // Another one at each point.
        let name = names[point % names.count]
        let path = fixture.folder("\(folder)/\(name)")
        var bytes = try Data(contentsOf: URL(filePath: path))
        switch damage {
        case .lost: try FileManager.default.removeItem(atPath: path)
        case .cut: bytes.removeLast(5)
        case .longer: bytes.append(0)
        case .changed: bytes[bytes.count / 2] ^= 1
        }
        if damage != .lost { try bytes.write(to: URL(filePath: path)) }
        return fixture
    }

    private var committed: [Int] {
        let first = night.points.firstIndex(of: .committed)!
        return Array(first..<night.points.firstIndex(of: .published)!)
    }

    /// The spool has everything, so the sweep is made again, with the same bytes.
    @Test(arguments: Damage.allCases, [false, true])
    func aDamagedFileUndoesTheSweep(_ damage: Damage, isIndexLost: Bool) throws {
        var tried = 0
        for point in committed {
            let isRecord: (String) -> Bool = { $0.hasPrefix("record") }
            guard let fixture = try interrupted(at: point, damage, { !isRecord($0) }) else { continue }
            if isIndexLost { fixture.removeIndex() }
            try fixture.sweep()
            #expect(
                try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [],
                "\(damage) at \(night.points[point])")
            tried += 1
        }
        #expect(tried > 5)
    }

    /// An undoing that is interrupted goes on.
    @Test func anUndoingCanBeInterrupted() throws {
        let point = committed[committed.count - 3]
        let fixture = try #require(try interrupted(at: point, .changed) { !$0.hasPrefix("record") })
        let archive = try fixture.archive
        // As if it had been killed after the first file that it put back.
        var reader = try #require(try archive.stagedRecord(2))
        while let change = try reader.next() {
            if change.before.gzip == 0, try archive.root.status(of: change.path) != nil {
                fixture.folder.remove("archive/\(change.path)")
                break
            }
        }
        try fixture.sweep()
        #expect(try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [])
    }

    /// Without its record, a staging is useless. If files were renamed already, the record is derived.
    @Test(arguments: Damage.allCases) func aDamagedRecordIsNotMissed(_ damage: Damage) throws {
        for point in committed.dropLast() {
            let fixture = try #require(try interrupted(at: point, damage) { $0.hasPrefix("record") })
            try fixture.sweep()
            #expect(
                try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [],
                "\(damage) at \(night.points[point])")
        }
    }

    /// The record is derived, and shows that a file cannot be published.
    @Test func aDamagedRecordAndADamagedFileUndoTheSweep() throws {
        var tried = 0
        for point in committed.dropLast(2) {
            let fixture = try #require(try interrupted(at: point, .lost) { $0.hasPrefix("record") })
            let staged = try fixture.folder.files(below: "archive/_sweeps/2").filter { $0.hasSuffix(".staged") }
            guard let name = staged.last else { continue }
            fixture.folder.remove("archive/_sweeps/2/\(name)")
            try fixture.sweep()
            #expect(
                try EventfulNight.Outcome(of: fixture).differences(from: night.dawn) == [], "at \(night.points[point])")
            tried += 1
        }
        #expect(tried > 5)
    }
}
