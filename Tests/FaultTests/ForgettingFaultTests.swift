import Foundation
import TestSupport
import Testing

/// An erasure and a pruning, with a fault at every use of every system call that touches the archive.
///
/// Whatever happened, the next sweep ends with 0, and `verify` does. The change is then made, or can be made again; and
/// archive, spool and index are what the undisturbed change made of them, to the byte.
@Suite(.enabled(if: Strace.isUsable, Comment(rawValue: Strace.whyNot)), .serialized)
struct ForgettingFaultTests {
    @Test(arguments: [
        ["erase", "--business", "acme", "--reason", "asked to", "--yes"],
        ["prune", "--before", "2024-11-25", "--reason", "kept long enough", "--yes"],
    ])
    func change(_ command: [String]) async throws {
        let eve = try SweepScene.eventful()
        let sweep = try run(daybook, eve.sweep)
        try #require(sweep.status == 0, "\(sweep.errors)")
        let undisturbed = try SweepScene(copyOf: eve)
        let trace = try Strace.run(daybook, ForgettingFaults.arguments(command, on: undisturbed))
        try #require(trace.result.status == 0, "\(trace.result.errors)")
        let last = try run(daybook, undisturbed.sweep)
        try #require(last.status == 0, "\(last.errors)")
        // Settings that cannot be read are another matter.
        let points = FaultPoint.all(in: trace.trace, below: undisturbed.root).filter { $0.path != "config.json" }
        let faults = ForgettingFaults(eve: eve, command: command, wanted: try SweepOutcome(of: undisturbed))
        await FaultTable.tryAll("daybook \(command[0])", points, sample: 40) { try faults.attempt($0) }
    }
}

/// Tries points of a change that a person decided.
struct ForgettingFaults: Sendable {
    let eve: SweepScene
    let command: [String]
    /// What the undisturbed change and a sweep leave.
    let wanted: SweepOutcome

    /// The arguments of the command, all on one thread.
    static func arguments(_ command: [String], on scene: SweepScene) throws -> [String] {
        try scene.folder.write(#"{"threads": 1}"#.utf8, to: "config.json")
        return command + ["--archive", scene.folder("archive"), "--config", scene.folder("config.json")]
    }

    func attempt(_ point: FaultPoint) throws -> FaultTable.Finding {
        let scene = try SweepScene(copyOf: eve)
        let command = try Self.arguments(command, on: scene)
        let disturbed = try Strace.run(daybook, command, injections: [point.injection])
        var failures = point.failures(of: disturbed.result)
        func succeed(_ arguments: [String]) throws {
            let result = try run(daybook, arguments)
            if result.status != 0 {
                failures.append("\(arguments[0]) ended with \(result.status): \(result.text)\(result.errors)")
            }
        }
        try succeed(scene.sweep)
        try succeed(["verify", "--archive", scene.folder("archive")])
        // A day whose file could not be read is sealed again by the next sweep, after others.
        func differences() throws -> [String] {
            let outcome = try SweepOutcome(of: scene)
            return point.isOfReading ? outcome.differencesInData(from: wanted) : outcome.differences(from: wanted)
        }
        if try differences() != [] {
            try succeed(command)
            try succeed(scene.sweep)
        }
        failures += try differences()
        return FaultTable.Finding(
            point: point, reach: point.reach(in: disturbed.trace, below: scene.root), failures: failures)
    }
}
