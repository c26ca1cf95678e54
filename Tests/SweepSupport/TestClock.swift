internal import Synchronization
package import Webhooks

/// A clock that a test sets. It starts at 2026-11-25T02:00:00Z.
package final class TestClock: Sendable {
    private let time = Mutex(Timestamp("2026-11-25T02:00:00.000Z")!)

    package init() {}

    package var now: Timestamp { time.withLock { $0 } }

    package func advance(seconds: Int = 0, hours: Int = 0) {
        time.withLock { $0.milliseconds += Int64(seconds + hours * 3600) * 1000 }
    }
}
