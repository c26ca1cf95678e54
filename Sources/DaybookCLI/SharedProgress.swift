internal import Synchronization

/// A ``Progress`` that several tasks report to.
final class SharedProgress: Sendable {
    private let progress = Mutex(Progress())

    func callAsFunction(_ text: String) { progress.withLock { $0(text) } }
}
