import Foundation
import TestSupport
import Testing

/// A repair, with a fault at every use of every system call that touches the archive or the copy.
///
/// Whatever happened, the next repair ends with 0, and the archive is then what it was before it was damaged, to the byte.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct RepairFaultTests {
    @Test func repair() async throws {
        let (damaged, wanted) = try RepairFaults.damagedArchive()
        let undisturbed = try SweepScene(copyOf: damaged, RepairFaults.parts)
        let trace = try Strace.run(daybook, RepairFaults.command(on: undisturbed.folder))
        try #require(trace.result.status == 0, "\(trace.result.errors)")
        let points = FaultPoint.all(in: trace.trace, below: undisturbed.root).filter {
            !$0.strikesElsewhere(in: trace.trace, below: undisturbed.root)
        }
        let faults = RepairFaults(eve: damaged, wanted: wanted)
        await FaultTable.tryAll("daybook repair", points, sample: 30) { try faults.attempt($0) }
    }
}

/// Tries points of a repair.
struct RepairFaults: Sendable {
    let eve: SweepScene
    /// The archive before it was damaged.
    let wanted: [String: [UInt8]]

    static let parts = ["spool", "archive", "copy"]

    /// Returns a damaged archive beside a copy that is not, and its files before it was damaged.
    static func damagedArchive() throws -> (SweepScene, wanted: [String: [UInt8]]) {
        let whole = try SweepScene.eventful()
        let sweep = try run(daybook, whole.sweep)
        try #require(sweep.status == 0, "\(sweep.errors)")
        let damaged = try SweepScene(copyOf: whole)
        try FileManager.default.copyItem(atPath: whole.folder("archive"), toPath: damaged.folder("copy"))
        let lost = [
            "_daybook.json", "_sweeps/1.ndjson.gz", "environment=sandbox/_seals/2024-11-24.sha256",
            "environment=production/_seals/2024-11-24.r2.leaves.tar.gz",
            "environment=production/_seals/2024-11-25.json",
            "environment=production/_ledger/business=acme/2024-11-25.ndjson.gz",
        ]
        for path in lost { damaged.folder.remove("archive/\(path)") }
        let file = "archive/environment=production/business=acme/day=2024-11-24/events.ndjson.gz"
        var bytes = try damaged.folder.read(file)
        bytes[40] ^= 1
        try damaged.folder.write(bytes, to: file)
        try damaged.folder.write("garbage".utf8, to: "archive/_index.sqlite")
        return (damaged, try archive(in: whole.folder))
    }

    static func command(on folder: TemporaryDirectory) -> [String] {
        ["repair", "--yes", "--archive", folder("archive"), "--from", folder("copy")]
    }

    private static func archive(in folder: TemporaryDirectory) throws -> [String: [UInt8]] {
        try Tree(folder, "archive") { $0.hasPrefix("_index.sqlite") || $0 == "_sweep.lock" }.files
    }

    static func differences(of folder: TemporaryDirectory, from wanted: [String: [UInt8]]) throws -> [String] {
        let found = try archive(in: folder)
        return Set(found.keys).union(wanted.keys).sorted().filter { found[$0] != wanted[$0] }.map {
            "\($0) is not as it was"
        }
    }

    func attempt(_ point: FaultPoint) throws -> FaultTable.Finding {
        let scene = try SweepScene(copyOf: eve, Self.parts)
        let disturbed = try Strace.run(daybook, Self.command(on: scene.folder), injections: [point.injection])
        var failures = point.failures(of: disturbed.result)
        let again = try run(daybook, Self.command(on: scene.folder))
        if again.status != 0 {
            failures.append("the next repair ended with \(again.status): \(again.text)\(again.errors)")
        }
        failures += try Self.differences(of: scene.folder, from: wanted)
        let reach = point.reach(in: disturbed.trace, below: scene.root)
        return FaultTable.Finding(point: point, reach: reach, failures: failures)
    }
}
