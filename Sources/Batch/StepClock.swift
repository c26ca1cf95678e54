/// Measures how long each step of a sweep takes, from the points that the sweep reaches.
final class StepClock {
    /// The time that each step has taken. Together they are the time since the clock was made.
    private(set) var steps = Dictionary(uniqueKeysWithValues: Sweep.Step.allCases.map { ($0, Duration.zero) })
    private var since = ContinuousClock.now

    func reach(_ point: Sweep.Point) {
        guard let step = point.completedStep else { return }
        let now = ContinuousClock.now
        steps[step, default: .zero] += now - since
        since = now
    }
}

extension Sweep.Point {
    /// The step that is complete at this point, or `nil` if the point is within a step.
    fileprivate var completedStep: Sweep.Step? {
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
