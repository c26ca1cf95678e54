import Foundation
import TestSupport
import Testing

/// An erasure, a pruning and a repair, with the power failing at any moment.
///
/// A few disks, drawn at random, are tried in a usual run; all of them with `DAYBOOK_LONG=1`.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct DecisionPowerLossTests {
    /// The sweep after it ends with 0, `verify` too. Data and records are those from before the change or those after it,
    /// and once the command has ended, those after it.
    @Test(arguments: [
        ["erase", "--business", "acme", "--reason", "asked to", "--yes"],
        ["prune", "--before", "2024-11-25", "--reason", "kept long enough", "--yes"],
    ])
    func change(_ command: [String]) async throws {
        let scene = try SweepScene.eventful()
        let sweep = try run(daybook, scene.sweep)
        try #require(sweep.status == 0, "\(sweep.errors)")
        let arguments = try ForgettingFaults.arguments(command, on: scene)
        var journey = try PowerLossJourney(in: scene.folder)
        let before = try Self.data(in: scene.folder)
        try journey.run("daybook \(command[0])", arguments)
        let after = try Self.data(in: scene.folder)
        try #require(before != after)
        try await tryAll(journey, sample: 10) { folder, isOver in
            var failures = try Self.succeed(["sweep"] + PowerLossJourney.places(folder))
            failures += try Self.succeed(["verify", "--archive", folder("archive")])
            let found = try Self.data(in: folder)
            if found != after, isOver || found != before { failures.append("the change is made in part, or is lost") }
            return failures
        }
    }

    /// The next repair ends with 0, and the archive is then what it was before it was damaged, to the byte.
    @Test func repair() async throws {
        let (scene, wanted) = try RepairFaults.damagedArchive()
        var journey = try PowerLossJourney(in: scene.folder)
        try journey.run("daybook repair", RepairFaults.command(on: scene.folder))
        try await tryAll(journey, sample: 10) { folder, _ in
            var failures = try Self.succeed(RepairFaults.command(on: folder))
            let found = try RepairFaults.archive(in: folder)
            for path in Set(found.keys).union(wanted.keys).sorted() where found[path] != wanted[path] {
                failures.append("\(path) is not as it was")
            }
            return failures
        }
    }

    /// - Parameter failures: What does not hold of the disk in a folder: a sentence each. It is also passed whether the command
    ///   had ended.
    private func tryAll(
        _ journey: PowerLossJourney, sample: Int,
        _ failures: @escaping @Sendable (TemporaryDirectory, _ isOver: Bool) throws -> [String]
    ) async throws {
        var settled = journey
        settled.settle()
        let journey = settled
        let title = "power loss, \(journey.stages[0].title)"
        var generator = SeededGenerator(title)
        let all = journey.cuts(&generator)
        let table = PowerLossTable(title, outOf: all.count)
        let cuts = isLong ? journey.distinct(all) : Array(all.shuffled(using: &generator).prefix(sample))
        await table.tryAll(cuts, of: journey) { cut in
            let folder = try TemporaryDirectory(inMemory: true)
            let disk = journey.history.disk(after: cut)
            try disk.make(in: folder)
            return try journey.failuresBefore(disk, at: cut.moment)
                + failures(folder, cut.moment >= journey.history.now)
        }
        table.conclude(journey)
    }

    private static func succeed(_ arguments: [String]) throws -> [String] {
        let result = try run(daybook, arguments)
        return result.status == 0
            ? [] : ["\(arguments[0]) ended with \(result.status): \(result.text)\(result.errors)"]
    }

    /// The archive files, ledgers and records.
    private static func data(in folder: TemporaryDirectory) throws -> [String: [UInt8]] {
        try Tree(folder, "archive") { !$0.hasSuffix(".ndjson.gz") }.files
    }
}
