import Foundation
import Synchronization
import TestSupport
import Testing
import Webhooks

/// Both programs, with the power failing at any moment: see ``PowerCut`` for what a disk may hold then, and
/// `PowerLossRecovery.swift` for what has to hold after it.
///
/// A few dozen disks, drawn at random, are tried in a usual run; all of them with `DAYBOOK_LONG=1`.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct PowerLossTests {
    /// All that a spool and an archive go through.
    @Test func everyday() async throws {
        var journey = try PowerLossJourney.everyday()
        journey.settle()
        try await tryAll("power loss", journey, sample: 24)
    }

    /// Into an archive that is not there yet, from a spool that the receiver makes.
    @Test func first() async throws {
        var journey = try PowerLossJourney.first()
        journey.settle()
        #expect(journey.namesInFoldersWithoutOne() == [])
        try await tryAll("power loss, from nothing", journey, sample: 8)
    }

    /// The power fails, and again while a sweep recovers what the first cut left.
    @Test func cutTwice() async throws {
        var journey = try PowerLossJourney.everyday()
        journey.settle()
        let settled = journey
        var generator = SeededGenerator()
        let all = settled.cuts(&generator)
        let table = PowerLossTable("power loss, twice", outOf: all.count)
        await table.tryAll(
            Array(all.shuffled(using: &generator).prefix(isLong ? 600 : 4)), of: settled
        ) { try settled.failures(afterTwo: $0) }
        table.conclude(settled)
    }

    private func tryAll(_ title: String, _ journey: PowerLossJourney, sample: Int) async throws {
        try #require(try journey.failures(of: journey.history.standing, at: journey.history.now) == [])
        var generator = SeededGenerator(title)
        let all = journey.cuts(&generator)
        let table = PowerLossTable(title, outOf: all.count)
        let cuts = isLong ? journey.distinct(all) : Array(all.shuffled(using: &generator).prefix(sample))
        await table.tryAll(cuts, of: journey) { try journey.failures(after: $0) }
        table.conclude(journey)
    }
}

extension PowerLossJourney {
    /// Every moment, and each way at it.
    func cuts(_ generator: inout SeededGenerator) -> [PowerCut] {
        moments.flatMap { moment in
            PowerCut.Way.allCases.map { PowerCut(moment: moment, way: $0, seed: generator.next()) }
        }
    }

    /// Those that leave different disks, or of which different things are promised.
    func distinct(_ cuts: [PowerCut]) -> [PowerCut] {
        struct Outcome: Hashable {
            let disk: ContentHash
            let promised: [Int]
        }
        var seen: Set<Outcome> = []
        return cuts.filter { cut in
            let promises = promises(at: cut.moment)
            let counts = [promises.acknowledged.count, promises.lines.count, promises.seals.count]
            return seen.insert(Outcome(disk: history.disk(after: cut).digest, promised: counts)).inserted
        }
    }

    /// What does not hold after a cut and another while the first sweep after it runs: a sentence each.
    func failures(afterTwo cut: PowerCut) throws -> [String] {
        let folder = try TemporaryDirectory(inMemory: true)
        try history.disk(after: cut).make(in: folder)
        guard FileManager.default.fileExists(atPath: folder("spool")) else { return ["there is no spool any more"] }
        var recovery = try PowerLossJourney(in: folder, options: options)
        try recovery.sweep("daybook sweep, which recovers")
        recovery.settle()
        var generator = SeededGenerator(seed: cut.seed)
        let second = PowerCut(
            moment: Int.random(in: 0...recovery.history.now, using: &generator),
            way: PowerCut.Way.allCases.randomElement(using: &generator) ?? .chance, seed: generator.next())
        let disk = recovery.history.disk(after: second)
        let again = try TemporaryDirectory(inMemory: true)
        try disk.make(in: again)
        return (recovery.failuresBefore(disk, at: second.moment) + (try promises(at: cut.moment).broken(in: again)))
            .map { "after a second \(second): \($0)" }
    }

    private static let deliveries = [
        Delivery(#"{"event":"X","data":{"business_id":"acme","n":1}}"#),
        Delivery(#"{"event":"X","data":{"business_id":"acme","n":2}}"#, headers: ["Webhook-Id": "two"]),
        Delivery("no JSON at all", to: "sandbox", headers: ["Webhook-Id": "three"]),
        Delivery(#"{"event":"X","data":{"n":4}}"#, to: "sandbox"),
        Delivery(#"{"event":"X","data":{"business_id":"b","text":"\#(String(repeating: "0123456789", count: 900))"}}"#),
    ]

    /// From the eve of an eventful sweep on: deliveries come, some of them again; a sweep is killed while it publishes;
    /// more come; a sweep completes it, and makes second revisions of a seal; of what was quarantined one is released and
    /// one discarded; a sweep takes what was released; and the index is rebuilt.
    static func everyday() throws -> PowerLossJourney {
        let eve = try SweepScene.eventful()
        let scene = try SweepScene(copyOf: eve)
        let options = ["--id-header", "webhook-id", "--ignore-pointer", "/data/sent_at"]
        var journey = try PowerLossJourney(in: scene.folder, options: options)
        try journey.receive(deliveries + deliveries.prefix(3), senders: 3)
        try journey.sweep("daybook sweep, killed", killedBy: "renameat:signal=KILL:when=4")
        try journey.receive([deliveries[0], deliveries[3]], senders: 2)
        try journey.sweep("daybook sweep", threads: 2)
        for (kind, payload) in [("release", "[]"), ("discard", #"{"event":"X","data":1e400"#)] {
            let path = try scene.folder.files(below: "spool").first {
                try $0.contains("/quarantine/") && scene.folder.read("spool/\($0)") == Array(payload.utf8)
            }
            guard let name = path?.split(separator: "/").last else { throw SceneError(what: "\(payload) is not held") }
            try journey.decide(kind, String(name.dropLast(".json".count)))
        }
        try journey.receive([deliveries[1]], senders: 1)
        try journey.sweep("daybook sweep", threads: 2)
        try journey.run("daybook reindex", ["reindex", "--archive", scene.folder("archive")])
        try journey.oweWhatWasThere()
        return journey
    }

    /// From an empty folder on.
    static func first() throws -> PowerLossJourney {
        let folder = try TemporaryDirectory(inMemory: true)
        var journey = try PowerLossJourney(in: folder, options: ["--id-header", "webhook-id"])
        try journey.receive(deliveries + deliveries.prefix(2), senders: 3)
        try journey.sweep("daybook sweep")
        return journey
    }
}
