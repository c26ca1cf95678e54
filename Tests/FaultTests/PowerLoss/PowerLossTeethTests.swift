import Foundation
import TestSupport
import Testing

/// A model under which nothing can be lost proves nothing: with a sync struck out of the trace, something has to be.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct PowerLossTeethTests {
    /// Syncs that are left out, and what is found then.
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        /// Part of a sentence.
        let finding: String
        /// Whether the disk itself shows the finding, before a program recovers it: then many disks can be tried.
        let isOnDisk: Bool
        let isLeftOut: @Sendable (DiskSync, DiskHistory) -> Bool

        init(
            _ description: String, _ finding: String, isOnDisk: Bool = false,
            _ isLeftOut: @escaping @Sendable (DiskSync, DiskHistory) -> Bool
        ) {
            self.description = description
            self.isOnDisk = isOnDisk
            self.finding = finding
            self.isLeftOut = isLeftOut
        }
    }

    /// Those first that are found soon: a usual run tries these alone.
    static let cases = [
        Case("the payloads' files", "bytes, which it never had") { sync, _ in
            sync.path.contains("/tmp/") && !sync.path.hasSuffix(".headers.json")
        },
        Case("the sidecars' files", "which it never had") { sync, _ in
            sync.path.hasSuffix(".headers.json")
        },
        Case("new/", "was acknowledged, and is") { sync, _ in sync.path.hasSuffix("/new") },
        Case("the removal of discarded payloads", "has no reason", isOnDisk: true) { sync, history in
            sync.path.hasSuffix("/quarantine") && history.nextRemoval(after: sync)?.hasSuffix(".reason") ?? false
        },
        Case("all that is published", "ended with 65") { sync, history in
            sync.scope == .all && history.nextName(after: sync)?.wholeMatch(of: /[0-9]+\.ndjson\.gz/) != nil
        },
        Case("the name of a sweep's record", "the record of sweep") { sync, _ in sync.path == "archive/_sweeps" },
        Case("reasons of quarantine", "which it never had") { sync, _ in sync.path.contains("/quarantine/") },
        Case("leaves, statements and seals", "bytes, which it never had") { sync, _ in sync.path.contains("_seals/.20")
        },
        Case("the folder of seals", "ended with 65") { sync, _ in sync.path.hasSuffix("_seals") },
        Case("all that is staged", "the sweep ended with 65") { sync, history in
            sync.scope == .all && history.nextName(after: sync) == ".record"
        },
        Case("the folders that are published into", "the sweep ended with 65") { sync, history in
            sync.scope == .all
                && history.nextName(after: sync).map {
                    $0.hasSuffix("events.ndjson.gz") || $0.hasSuffix(".ndjson.gz") && !$0.hasPrefix(".")
                } ?? false
        },
    ]

    private static let journey = Result { try PowerLossJourney.everyday() }

    @Test(arguments: isLong ? cases : Array(cases.prefix(6))) func withoutSyncs(_ omitted: Case) throws {
        let journey = try Self.journey.get()
        var (sound, doctored) = (journey, journey)
        sound.settle()
        doctored.settle { omitted.isLeftOut($0, journey.history) }
        let leftOut = sound.history.syncs.count - doctored.history.syncs.count
        try #require(leftOut > 0)
        var generator = SeededGenerator("power loss without syncs of \(omitted)")
        // Only where a sync that is missing matters to the disk.
        let concerned = sound.history.changes.indices.map { place in
            sound.history.changes[place].durable..<doctored.history.changes[place].durable
        }
        let moments = sound.moments.filter { moment in concerned.contains { $0.contains(moment) } }
        try #require(!moments.isEmpty)
        var tried = 0
        while tried < (omitted.isOnDisk ? 2000 : 60) {
            let cut = PowerCut(
                moment: moments.randomElement(using: &generator) ?? 0,
                way: PowerCut.Way.allCases.randomElement(using: &generator) ?? .nothing, seed: generator.next())
            let disk = doctored.history.disk(after: cut)
            tried += 1
            var failures = doctored.failuresBefore(disk, at: cut.moment)
            if failures.isEmpty, !omitted.isOnDisk { failures = try doctored.failures(of: disk, at: cut.moment) }
            guard failures.contains(where: { $0.contains(omitted.finding) }) else { continue }
            let finding = failures[0].split(separator: "\n").first ?? ""
            print("power loss without \(leftOut) syncs of \(omitted): found on disk \(tried), \(finding)")
            return
        }
        Issue.record("\(tried) disks, and nothing was found")
    }

    /// One sync, of a payload's file or of `new/`, is missing while receivers run: whatever was answered 200 because of it
    /// is found to be lost.
    @Test func withoutOneSync() throws {
        let journey = try Self.journey.get()
        let swept = journey.stages.first { $0.title != PowerLossJourney.receiver }?.span.lowerBound ?? 0
        var found = 0
        for sync in journey.history.syncs where sync.ended < swept {
            guard sync.path.hasSuffix(".json") || sync.path.hasSuffix("/new") else { continue }
            var doctored = journey
            doctored.settle { $0.began == sync.began && $0.path == sync.path }
            let answer = journey.history.answers.first { id, moment in
                doctored.history.changes.contains { change in
                    guard change.ended < moment, change.durable > moment else { return false }
                    switch change.kind {
                    case .write: return change.path.contains(id)
                    case .add: return change.path.contains("/new/\(id)")
                    default: return false
                    }
                }
            }?.value
            // A group's sync of new/ may have been for those alone who came in time for the one before it.
            guard let answer else { continue }
            found += 1
            let ways: [PowerCut.Way] = [.nothing, .names]
            let failures = ways.flatMap { way in
                let cut = PowerCut(moment: answer, way: way, seed: 0)
                return doctored.failuresBefore(doctored.history.disk(after: cut), at: answer)
            }
            #expect(!failures.isEmpty, "without the sync of \(sync.path)")
        }
        #expect(found >= 10)
        print("power loss without one sync of a receiver: found in all of \(found) cases")
    }
}

extension DiskHistory {
    /// The first name that was removed after a sync, unless something was written in between.
    func nextRemoval(after sync: DiskSync) -> String? {
        guard let change = changes.first(where: { $0.began > sync.ended }), case .remove(let name, _) = change.kind
        else {
            return nil
        }
        return name
    }

    /// The first name that was made after a sync.
    func nextName(after sync: DiskSync) -> String? {
        for change in changes where change.began > sync.ended {
            switch change.kind {
            case .add(let name, _, _, _), .rename(_, let name, _, _): return name
            default: continue
            }
        }
        return nil
    }
}
