import Foundation
import Synchronization
import TestSupport
import Testing

/// The sweep, with a fault at every use of every system call that touches spool or archive.
///
/// An undisturbed sweep, on one thread, is traced first: that gives the points. At each, a sweep of the same spool and archive is made to
/// fail, or is killed as it enters the call. What has to hold then:
///
/// 1. That sweep ends by the signal, or with an exit code of the README's for input and output (74 where there is no room)
///    and a sentence on stderr. It may end with 0 only where everything is done nevertheless, and with 65 where a file of
///    the archive could not be read.
/// 2. The next sweep ends with 0, and after it so does `daybook verify`.
/// 3. Archives, ledgers, records, seals, spool and index are then what the undisturbed sweep made of them, to the byte.
///    Where a delivery, or the file that it is appended to, could not be read, they are what two sweeps make, the second
///    with that delivery.
///
/// A few dozen points, drawn at random, are tried in a usual run; all of them with `DAYBOOK_LONG=1`.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct SweepFaultTests {
    @Test func eventfulSweep() async throws {
        let walk = try Walk(eve: .eventful()) { $0.differences(from: $1) }
        await FaultTable.tryAll("daybook sweep", walk.points, sample: 60) { try walk.faults.attempt($0) }
    }

    /// Into an archive that is not there yet. Its id and salt are drawn at random, so seals cannot be compared.
    @Test func firstSweep() async throws {
        let walk = try Walk(eve: .first(), isFirst: true) { $0.differencesInData(from: $1) }
        await FaultTable.tryAll("daybook sweep, the first", walk.points, sample: 24) { try walk.faults.attempt($0) }
    }

    /// On several threads, each struck at its own k-th use of a call. Which of them writes which file is chance, so the
    /// points are those of one run, and where they come differs.
    @Test func threadedSweep() async throws {
        let walk = try Walk(eve: .eventful(), threads: 3) { $0.differences(from: $1) }
        var generator = SeededGenerator()
        var seen: Set<String> = []
        let all = walk.points.filter { point in
            seen.insert(point.injection).inserted && !point.strikesElsewhere(in: walk.trace, below: walk.root)
        }
        let title = "daybook sweep, three threads"
        let table = FaultTable(title, outOf: all.count)
        await table.tryAll(Array(all.shuffled(using: &generator).prefix(isLong ? 600 : 16))) { point in
            for _ in 0..<20 {
                let finding = try walk.faults.attempt(point, threads: 3)
                guard finding.reach != .nowhere || !finding.failures.isEmpty else { continue }
                return FaultTable.Finding(point: point, reach: .there, failures: finding.failures)
            }
            return FaultTable.Finding(point: point, reach: .nowhere, failures: [])
        }
        table.conclude()
    }

    /// A fault that the sweep reports, and the kill while it tidies up. The commit above all: its fsync(2) may fail, and
    /// what it wrote reach the disk all the same; where there is no room for it, it has not, and the staging goes.
    @Test func failedAndKilled() async throws {
        let walk = try Walk(eve: .eventful()) { $0.differences(from: $1) }
        var generator = SeededGenerator()
        // A delivery that cannot be read, or whose file cannot, stays for the next sweep, and that one does not know whether
        // this one came so far.
        let failing = walk.points.filter { point in
            point.fault == .ioError && !point.path.contains("/new/")
                && (!point.isOfReading || point.path.hasPrefix("archive/_index.sqlite"))
        }
        let log = "archive/_index.sqlite-wal"
        let isOfCommit = { (point: FaultPoint) in point.call == "fdatasync" && point.path == log }
        let full = walk.points.filter { $0.fault == .noSpace && $0.call == "pwrite64" && $0.path == log }
        let others = failing.filter { !isOfCommit($0) }.shuffled(using: &generator).prefix(isLong ? 200 : 6)
        for (title, firsts, count) in [
            ("daybook sweep, its commit failed, then killed", failing.filter(isOfCommit), isLong ? 10_000 : 4),
            (
                "daybook sweep, no room for its commit, then killed",
                Array(full.shuffled(using: &generator).prefix(isLong ? full.count : 4)), isLong ? 10 : 2
            ),
            ("daybook sweep, failed, then killed", Array(others), isLong ? 4 : 2),
        ] {
            var points: [(first: FaultPoint, second: FaultPoint)] = []
            for first in firsts {
                let seconds = try walk.faults.kills(after: first).shuffled(using: &generator)
                points += seconds.prefix(count).map { (first, $0) }
            }
            let table = FaultTable(title)
            await table.tryAll(points) { try walk.faults.attempt($0.second, after: $0.first) }
            table.conclude()
        }
    }

    /// The points of an undisturbed sweep, and what it makes.
    private struct Walk {
        let trace: Trace
        let root: String
        let points: [FaultPoint]
        let faults: SweepFaults

        init(
            eve: SweepScene, isFirst: Bool = false, threads: Int = 1,
            comparing differences: @escaping @Sendable (SweepOutcome, SweepOutcome) -> [String]
        ) throws {
            let undisturbed = try SweepScene(copyOf: eve)
            let run = try Strace.run(daybook, undisturbed.sweep(threads: threads))
            try #require(run.result.status == 0, "\(run.result.errors)")
            trace = run.trace
            root = undisturbed.root
            points = FaultPoint.all(in: trace, below: root, starring: isFirst)
            faults = SweepFaults(eve: eve, dawn: try SweepOutcome(of: undisturbed), differences: differences)
        }
    }
}

/// Tries points of a sweep.
final class SweepFaults: Sendable {
    private let eve: SweepScene
    /// After an undisturbed sweep.
    private let dawn: SweepOutcome
    private let differences: @Sendable (SweepOutcome, SweepOutcome) -> [String]
    /// After a sweep without some deliveries, by their names, and a second with them.
    private let later = Mutex<[[String]: SweepOutcome]>([:])

    init(
        eve: SweepScene, dawn: SweepOutcome, differences: @escaping @Sendable (SweepOutcome, SweepOutcome) -> [String]
    ) {
        self.eve = eve
        self.dawn = dawn
        self.differences = differences
    }

    /// The points at which a sweep that failed at a point may be killed afterwards.
    func kills(after first: FaultPoint) throws -> [FaultPoint] {
        let scene = try SweepScene(copyOf: eve)
        let trace = try Strace.run(daybook, scene.sweep, injections: [first.injection]).trace
        guard let failed = trace.calls.first(where: \.isInjected) else { return [] }
        return FaultPoint.all(in: trace, below: scene.root, after: failed.began)
            .filter { $0.fault == .kill && $0.call != first.call }
    }

    /// - Parameter first: a fault before it, of another system call.
    func attempt(
        _ point: FaultPoint, after first: FaultPoint? = nil, threads: Int = 1
    ) throws -> FaultTable.Finding {
        let scene = try SweepScene(copyOf: eve)
        let injections = [first, point].compactMap(\.?.injection)
        let disturbed = try Strace.run(daybook, scene.sweep(threads: threads), injections: injections)
        let reach = point.reach(in: disturbed.trace, below: scene.root)
        let (status, errors) = (disturbed.result.status, disturbed.result.errors)
        var failures: [String] = []

        switch status {
        case 0: failures += differences(try SweepOutcome(of: scene), dawn).map { "ended with 0, but \($0)" }
        case 137 where point.fault == .kill: break
        case 74,
            69 where point.fault != .noSpace, 73 where point.fault != .noSpace:
            if errors.firstMatch(of: /^daybook: ./.anchorsMatchLineEndings()) == nil { failures.append("said nothing") }
        // An archive file that cannot be read is a damaged one: only what needs it waits.
        case 65 where point.isOfReading && errors.contains(/cannot be used, and [0-9]+ deliver/): break
        default: failures.append("ended with \(status): \(errors)")
        }
        let isPending = errors.contains(/deliver(y|ies) stays? in the spool/)
        let pending = isPending ? try scene.waiting() : []

        let again = try run(daybook, scene.sweep)
        if again.status != 0 { failures.append("the next sweep ended with \(again.status): \(again.errors)") }
        let verified = try run(daybook, scene.verify)
        if verified.status != 0 {
            failures.append("verify ended with \(verified.status): \(verified.text)\(verified.errors)")
        }
        if failures.isEmpty {
            let outcome = try SweepOutcome(of: scene)
            failures +=
                isPending
                ? outcome.differencesInData(from: try self.outcome(later: pending)) : differences(outcome, dawn)
        }
        return FaultTable.Finding(point: point, reach: reach, failures: failures)
    }

    /// What two sweeps make, the first without some deliveries.
    private func outcome(later names: [String]) throws -> SweepOutcome {
        if let known = later.withLock({ $0[names] }) { return known }
        let scene = try SweepScene(copyOf: eve)
        func move(_ from: String, _ to: String) throws {
            for name in names {
                let target = URL(filePath: scene.folder("\(to)/\(name)"))
                try FileManager.default.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.moveItem(atPath: scene.folder("\(from)/\(name)"), toPath: target.path)
            }
        }
        try move("spool", "aside")
        for _ in 0..<2 {
            let sweep = try run(daybook, scene.sweep)
            guard sweep.status == 0 else { throw SceneError(what: sweep.errors) }
            if FileManager.default.fileExists(atPath: scene.folder("aside")) {
                try move("aside", "spool")
                scene.folder.remove("aside")
            }
        }
        let outcome = try SweepOutcome(of: scene)
        later.withLock { $0[names] = outcome }
        return outcome
    }
}
