extension Sweep {
    /// What a sweep spends its time on, in this order.
    package enum Step: String, CaseIterable, Sendable {
        /// Also until it has the lock, and the index is open.
        case recovering
        case scanning
        /// Reading and judging payloads, looking for what they repeat, adding their rows to the index.
        case deciding
        /// Compressing lines into files.
        case staging
        /// Making those durable, and the record that lists them.
        case recording
        case committing
        /// Renaming files onto their final names.
        case publishing
        /// Emptying the spool of what was kept.
        case clearing
        /// Reading back the days that are over, and signing.
        case sealing
    }
}

extension Sweep.Point {
    /// The step that is done when a sweep comes to this point; nil where it is within one.
    fileprivate var completed: Sweep.Step? {
        switch self {
        case .recovered: .recovering
        case .scanned: .scanning
        case .decided: .deciding
        case .staged: .staging
        case .recorded: .recording
        case .committed: .committing
        case .published: .publishing
        case .cleared: .clearing
        case .sealed: .sealing
        case .locked, .deciding, .staging, .publishing, .clearing, .sealing: nil
        }
    }
}

/// Tells how long each step of a sweep took, from the points that it comes to.
final class StepClock {
    /// They add up to all of the time.
    private(set) var steps = none
    private var since = ContinuousClock.now

    private static let none = Dictionary(uniqueKeysWithValues: Sweep.Step.allCases.map { ($0, Duration.zero) })

    func start() {
        steps = Self.none
        since = .now
    }

    func pass(_ point: Sweep.Point) {
        guard let step = point.completed else { return }
        let now = ContinuousClock.now
        steps[step, default: .zero] += now - since
        since = now
    }
}
