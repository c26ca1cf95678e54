import Foundation
import TestSupport
import Testing

/// The power fails in the middle of one command; and whatever that leaves, a sweep makes of it what it makes had the
/// command not begun, or had it ended: in spool, archive and index, to the byte. Once it had ended, only the latter.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct PowerLossOutcomeTests {
    private static let options = ["--id-header", "webhook-id", "--ignore-pointer", "/data/sent_at"]

    @Test func sweep() async throws {
        try await tryAll("sweep", from: .eventful(), sample: 12) { $0.sweep }
    }

    @Test(arguments: ["release", "discard"]) func decision(_ kind: String) async throws {
        let scene = try swept()
        let held = try scene.folder.files(below: "spool/production/quarantine").first { $0.hasSuffix(".reason") }
        let id = try #require(held).dropLast(".reason".count)
        try await tryAll("quarantine \(kind)", from: scene, sample: 4) {
            ["quarantine", kind] + $0.places + ["--by", "someone", String(id)]
        }
    }

    @Test(arguments: [["erase", "--business", "acme"], ["prune", "--before", "2024-11-25"]])
    func forgetting(_ command: [String]) async throws {
        try await tryAll(command[0], from: swept(), sample: 6) {
            command + ["--reason", "asked to", "--yes", "--archive", $0.folder("archive")]
        }
    }

    @Test func reindex() async throws {
        try await tryAll("reindex", from: swept(), sample: 4) { ["reindex", "--archive", $0.folder("archive")] }
    }

    /// The next repair ends with 0, and the archive is then what it was before it was damaged, to the byte.
    @Test func repair() async throws {
        let (scene, wanted) = try RepairFaults.damagedArchive()
        var journey = try PowerLossJourney(in: scene.folder)
        try journey.run("daybook repair", RepairFaults.command(on: scene.folder))
        try await tryCuts(of: journey, "daybook repair", sample: 10) { disk, _ in
            let folder = try TemporaryDirectory(inMemory: true)
            try disk.make(in: folder)
            try require(RepairFaults.command(on: folder))
            return try RepairFaults.differences(of: folder, from: wanted)
        }
    }

    private func swept() throws -> SweepScene {
        let scene = try SweepScene.eventful()
        try require(scene.sweep)
        return scene
    }

    private func tryAll(
        _ command: String, from eve: SweepScene, sample: Int, _ arguments: (SweepScene) -> [String]
    ) async throws {
        let scene = try SweepScene(copyOf: eve)
        var recorded = try PowerLossJourney(in: scene.folder, options: Self.options)
        try recorded.run("daybook \(command)", arguments(scene))
        let ended = recorded.history.now
        let outcomes = try [eve, scene].map { try outcome(of: SweepScene(copyOf: $0)) }

        try await tryCuts(of: recorded, "daybook \(command), to the byte", sample: sample) { disk, moment in
            let scene = try SweepScene(copyOf: eve, [])
            try disk.make(in: scene.folder)
            let found = try outcome(of: scene)
            // What a decision left of a payload's company goes once it is 36 hours old.
            let differences = outcomes.map {
                found.differences(from: $0).filter {
                    !$0.contains(/\/quarantine\/.*\.(reason|headers\.json) is there$/)
                }
            }
            return moment < ended && differences.contains([]) ? [] : differences[1]
        }
    }

    /// - Parameter failures: What does not hold of a disk, after a cut at a moment of the history: a sentence each.
    private func tryCuts(
        of recorded: PowerLossJourney, _ title: String, sample: Int,
        _ failures: @escaping @Sendable (Disk, _ moment: Int) throws -> [String]
    ) async throws {
        var settled = recorded
        settled.settle()
        let journey = settled
        var generator = SeededGenerator("power loss, \(title)")
        let all = journey.cuts(&generator)
        let table = PowerLossTable("power loss, \(title)", outOf: all.count)
        let cuts = isLong ? journey.distinct(all) : Array(all.shuffled(using: &generator).prefix(sample))
        await table.tryAll(cuts, of: journey) { try failures(journey.history.disk(after: $0), $0.moment) }
        table.conclude(journey)
    }

    /// What a sweep makes of a scene.
    private func outcome(of scene: SweepScene) throws -> SweepOutcome {
        try require(scene.sweep)
        try require(scene.verify)
        return try SweepOutcome(of: scene)
    }

    private func require(_ arguments: [String]) throws {
        let result = try run(daybook, arguments)
        guard result.status == 0 else {
            throw SceneError(what: "\(arguments[0]) ended with \(result.status): \(result.text)\(result.errors)")
        }
    }
}

@Suite struct DiskTests {
    /// As a link(2) leaves it, or a rename(2) into another folder that is half durable.
    @Test func aHardLinkedFileIsCreatedOnce() throws {
        var disk = Disk()
        disk.apply(.add(name: "folder", folder: Disk.root, node: 1, isFolder: true))
        disk.apply(.add(name: "one", folder: 1, node: 2, isFolder: false))
        disk.apply(.add(name: "other", folder: Disk.root, node: 2, isFolder: false))
        disk.apply(.write(file: 2, offset: 0, bytes: [7]))
        let folder = try TemporaryDirectory()
        try disk.make(in: folder)
        let numbers = try ["folder/one", "other"].map { name in
            try FileManager.default.attributesOfItem(atPath: folder(name))[.systemFileNumber] as? Int
        }
        #expect(numbers[0] != nil && numbers[0] == numbers[1])
        #expect(try folder.read("other") == [7])
    }
}
