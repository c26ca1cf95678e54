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

    /// Waits until the next request may be sent.
    func wait() async throws {
        guard let interval else { return }
        let turn = next.withLock { next in
            let turn = max(next, .now)
            next = turn + interval
            return turn
        }
        try await Task.sleep(until: turn, clock: .continuous)
    }
}
