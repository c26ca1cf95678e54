import Foundation
import Synchronization
import TestSupport
import Testing

/// What became of every power cut that was tried: the table that is printed, and the failures.
final class PowerLossTable: Sendable {
    private struct Row: Hashable {
        let stage: String
        let way: PowerCut.Way
    }

    private let title: String
    private let total: Int
    private let counts = Mutex<[Row: (tried: Int, held: Int)]>([:])

    /// - Parameter total: of how many cuts those that are tried are a sample.
    init(_ title: String, outOf total: Int) {
        self.title = title
        self.total = total
    }

    /// Tries cuts, as many at a time as there are processors, on threads of their own: each waits for programs to end.
    func tryAll(
        _ cuts: [PowerCut], of journey: PowerLossJourney, _ failures: @escaping @Sendable (PowerCut) throws -> [String]
    ) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                DispatchQueue.concurrentPerform(iterations: cuts.count) { place in
                    let cut = cuts[place]
                    let stage = journey.stage(at: cut.moment)?.title ?? "before"
                    do {
                        let failures = try failures(cut)
                        self.counts.withLock {
                            let (tried, held) = $0[Row(stage: stage, way: cut.way)] ?? (0, 0)
                            $0[Row(stage: stage, way: cut.way)] = (tried + 1, held + (failures.isEmpty ? 1 : 0))
                        }
                        if !failures.isEmpty {
                            Issue.record(
                                """
                                \(stage), \(cut): \(failures.joined(separator: "; "))
                                lasted (+) and did not (-), of what was not synced:
                                \(journey.history.account(of: cut))
                                """)
                        }
                    } catch {
                        Issue.record("\(stage), \(cut): \(error)")
                    }
                }
                continuation.resume()
            }
        }
    }

    /// Prints the table.
    func conclude(_ journey: PowerLossJourney) {
        let counts = counts.withLock { $0 }
        func line(_ stage: String, _ way: String, _ rows: [(tried: Int, held: Int)]) -> String {
            let sums = [rows.reduce(0) { $0 + $1.tried }, rows.reduce(0) { $0 + $1.held }]
            return stage.padded(to: 38) + way.padded(to: 17) + sums.map { "\($0)".padded(toLeft: 10) }.joined() + "\n"
        }
        let tried = counts.values.reduce(0) { $0 + $1.tried }
        var text = "\n\(title): \(tried) disks, of \(total) cuts\n"
        text += "cut during".padded(to: 38) + "what lasts".padded(to: 17)
        text += ["disks", "held"].map { $0.padded(toLeft: 10) }.joined() + "\n"
        for stage in journey.stages.map(\.title).reduce(into: [String](), { if !$0.contains($1) { $0.append($1) } }) {
            for way in PowerCut.Way.allCases {
                guard let row = counts[Row(stage: stage, way: way)] else { continue }
                text += line(stage, way.rawValue, [row])
            }
        }
        print(text + line("all cuts", "", Array(counts.values)))
        #expect(tried > 0)
    }
}
