import Foundation
import Synchronization
import TestSupport
import Testing

/// What became of every point that was tried: the table that is printed, and the failures.
final class FaultTable: Sendable {
    /// How a point went.
    struct Finding: Sendable {
        let point: FaultPoint
        let reach: FaultPoint.Reach
        /// What did not hold: a sentence each.
        let failures: [String]
    }

    private let title: String
    private let total: Int?
    private let findings = Mutex<[Finding]>([])

    /// - Parameter total: of how many points those that are tried are a sample; nil where that is not known.
    init(_ title: String, outOf total: Int? = nil) {
        self.title = title
        self.total = total
    }

    /// Tries points, as many at a time as there are processors.
    ///
    /// On threads of its own, since each waits for programs to end: the tests beside it need theirs.
    func tryAll<Point: Sendable>(
        _ points: [Point], _ attempt: @escaping @Sendable (Point) throws -> Finding
    ) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                DispatchQueue.concurrentPerform(iterations: points.count) { place in
                    do {
                        let finding = try attempt(points[place])
                        self.findings.withLock { $0.append(finding) }
                    } catch {
                        Issue.record("\(self.title), \(points[place]): \(error)")
                    }
                }
                continuation.resume()
            }
        }
    }

    /// Tries all of these points, or a sample in a usual run, and concludes.
    static func tryAll(
        _ title: String, _ all: [FaultPoint], sample: Int,
        _ attempt: @escaping @Sendable (FaultPoint) throws -> Finding
    ) async {
        var generator = SeededGenerator(title)
        let table = FaultTable(title, outOf: all.count)
        await table.tryAll(isLong ? all : all.sample(sample, using: &generator), attempt)
        table.conclude()
    }

    /// Prints the table, and records what did not hold.
    func conclude() {
        let findings = findings.withLock { $0 }
        struct Row: Hashable {
            let call: String
            let fault: Fault
        }
        let rows = Dictionary(grouping: findings) { Row(call: $0.point.call, fault: $0.point.fault) }
        func line(_ call: String, _ fault: String, _ findings: [Finding]) -> String {
            let counts = [
                findings.count, findings.count { $0.failures.isEmpty }, findings.count { $0.reach == .nowhere },
                findings.count { if case .elsewhere = $0.reach { true } else { false } },
            ]
            return call.padded(to: 12) + fault.padded(to: 9) + counts.map { "\($0)".padded(toLeft: 12) }.joined()
        }
        var text = "\n\(title): \(findings.count)\(total.map { " of \($0)" } ?? "") points\n"
        text += "call".padded(to: 12) + "fault".padded(to: 9)
        text += ["points", "held", "not reached", "elsewhere"].map { $0.padded(toLeft: 12) }.joined() + "\n"
        let sorted = rows.keys.sorted { ($0.call, $0.fault.rawValue) < ($1.call, $1.fault.rawValue) }
        for row in sorted { text += line(row.call, row.fault.rawValue, rows[row] ?? []) + "\n" }
        print(text + line("all", "", findings))
        for finding in findings {
            if finding.reach != .there { Issue.record("\(finding.point): \(finding.reach)") }
            if !finding.failures.isEmpty {
                Issue.record("\(finding.point): \(finding.failures.joined(separator: "; "))")
            }
        }
        #expect(!findings.isEmpty)
    }
}

/// Whether every point is to be tried, and not a sample.
let isLong = ProcessInfo.processInfo.environment["DAYBOOK_LONG"] == "1"

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
    func padded(toLeft width: Int) -> String { String(repeating: " ", count: max(1, width - count)) + self }
}
