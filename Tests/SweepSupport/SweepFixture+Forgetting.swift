package import ArchiveIndex
package import Batch
package import Webhooks

extension SweepFixture {
    private func decider(_ reason: String) -> Decider { Decider(name: "ada", reason: reason, at: now) }

    @discardableResult
    package func erase(
        _ target: Erasure.Target, reason: String = "asked to", acts: Bool = true,
        observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) throws -> Erasure.Report {
        try Erasure(configuration.archive, target, decider(reason), acts: acts, observe: observe).run()
    }

    @discardableResult
    package func prune(
        before day: String, _ environment: Environment? = nil, reason: String = "kept long enough", acts: Bool = true,
        observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) throws -> Pruning.Report {
        try Pruning(
            configuration.archive, before: CivilDate(day)!, in: environment,
            redeliveryWindow: configuration.redeliveryWindow, decider(reason), acts: acts, observe: observe
        ).run()
    }

    /// Adds a hold, and returns its number.
    package func hold(_ selection: Selection = Selection(), reason: String = "a lawsuit") throws -> Int {
        try HoldDecision(configuration.archive, decider(reason)).add(selection)
    }

    package func releaseHold(_ hold: Int) throws {
        _ = try HoldDecision(configuration.archive, decider("it is over")).release(hold)
    }

    /// Rebuilds the index from the files, and returns what differs from the index that was there.
    package func differencesAfterRebuild() throws -> [String] {
        let before = try dumpIndex()
        removeIndex()
        try Recovery.reindex(configuration.archive) { _, _, _ in }
        let after = try dumpIndex()
        return Set(before).symmetricDifference(after).sorted()
    }

    /// The text of all compressed files, in which a payload must not be found once it is erased.
    package func allText() throws -> String {
        try files.map { try lines($0).joined(separator: "\n") }.joined(separator: "\n")
    }
}
