import Foundation
import TestSupport
import Testing

/// A model under which nothing can be lost proves nothing: with a sync struck out of the trace, something has to be.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct PowerLossTeethTests {
    /// A sync that is left out, and what is found then.
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let finding: String
        let isLeftOut: @Sendable (DiskSync, DiskHistory) -> Bool
    }

    static let cases = [
        Case(description: "a payload's file", finding: "stands there with") { sync, _ in
            sync.path.contains("/tmp/") && !sync.path.hasSuffix(".headers.json")
        },
        Case(description: "a sidecar's file", finding: ".headers.json") { sync, _ in
            sync.path.hasSuffix(".headers.json")
        },
        Case(description: "new/", finding: "was acknowledged, and is not there") { sync, _ in
            sync.path.hasSuffix("/new")
        },
        Case(description: "all that is staged", finding: "") { sync, history in
            sync.scope == .all && history.nextName(after: sync) == ".sweep.json.tmp"
        },
        Case(description: "all that is published", finding: "") { sync, history in
            sync.scope == .all && history.nextName(after: sync)?.wholeMatch(of: /[0-9]+\.json/) != nil
        },
        Case(description: "leaves of seals", finding: "") { sync, history in
            sync.scope == .all && history.nextName(after: sync)?.wholeMatch(of: /\.20.*/) != nil
        },
        Case(description: "_sweeps/", finding: "") { sync, _ in sync.path == "archive/_sweeps" },
        Case(description: "seals/", finding: "") { sync, _ in sync.path.hasSuffix("_seals") },
        Case(description: "seal files", finding: "") { sync, _ in sync.path.contains("_seals/") },
        Case(description: "index", finding: "") { sync, _ in sync.path.contains("index.sqlite") },
        Case(description: "records", finding: "") { sync, _ in sync.path.hasSuffix("sweep.json.tmp") },
        Case(description: "record folder", finding: "") { sync, _ in sync.path.wholeMatch(of: /archive\/_sweeps\/[0-9]+/) != nil },
        Case(description: "quarantine folder", finding: "") { sync, _ in sync.path.hasSuffix("/quarantine") },
        Case(description: "reasons", finding: "") { sync, _ in sync.path.contains("/quarantine/") },
    ]

    static let journey = Result { try PowerLossJourney.everyday() }

    @Test(arguments: cases) func aSyncThatIsMissing(_ omitted: Case) throws {
        let whole = try Self.journey.get()
        var (sound, doctored) = (whole, whole)
        sound.settle()
        doctored.settle { omitted.isLeftOut($0, whole.history) }
        let leftOut = sound.history.syncs.count - doctored.history.syncs.count
        try #require(leftOut > 0)
        var generator = SeededGenerator(omitted.description)
        var tried = 0
        var found: [String] = []
        let limit = ProcessInfo.processInfo.environment["LIMIT"].flatMap { Int($0) } ?? 20
        for moment in sound.moments.shuffled(using: &generator) where tried < limit {
            for way in PowerCut.Way.allCases.shuffled(using: &generator) {
                let cut = PowerCut(moment: moment, way: way, seed: generator.next())
                let disk = doctored.history.disk(after: cut)
                guard disk.print != sound.history.disk(after: cut).print else { continue }
                found = doctored.failuresBefore(disk, at: moment)
                if found.isEmpty, way.isCertain || Int.random(in: 0..<5, using: &generator) == 0 {
                    tried += 1
                    found = try doctored.failures(of: disk, at: moment)
                }
                if !found.isEmpty {
                    print("power loss without \(leftOut) syncs of \(omitted), after \(tried): \(doctored.stage(at: moment)!.title) \(cut): \(found)")
                    return
                }
            }
        }
        print("power loss without \(leftOut) syncs of \(omitted): NOTHING in \(tried)")
    }
}

extension DiskHistory {
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
