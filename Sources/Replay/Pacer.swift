internal import Synchronization

/// Spaces requests evenly in time, over all that send them.
final class Pacer: Sendable {
    private let interval: Duration?
    private let next: Mutex<ContinuousClock.Instant>

    /// - Parameter rate: The most requests in a second, or `nil` for no limit.
    init(rate: Double?) {
        interval = rate.map { .seconds(1) / $0 }
        next = Mutex(.now)
    }

    /// Takes the next turn, and returns the time until it.
    func delay() -> Duration {
        guard let interval else { return .zero }
        return next.withLock { next in
            let turn = max(next, .now)
            next = turn + interval
            return turn - .now
        }
    }
}
