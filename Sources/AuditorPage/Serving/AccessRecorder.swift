internal import AccessLog
internal import NIOPosix
internal import Synchronization

/// Appends entries to the access log. Entries that wait at the same time share one write and one sync.
final class AccessRecorder: Sendable {
    private let log: AccessLogFolder
    private let thread: NIOThreadPool
    private let state = Mutex(State())

    private struct State {
        var waiting: [(entry: AccessEntry, done: CheckedContinuation<Void, any Error>)] = []
        var isWriting = false
    }

    /// - Parameter thread: The pool that the writes run on.
    init(_ log: AccessLogFolder, thread: NIOThreadPool) {
        self.log = log
        self.thread = thread
    }

    /// Returns once the entry is durable.
    func record(_ entry: AccessEntry) async throws {
        try await withCheckedThrowingContinuation { done in
            let begins = state.withLock { state in
                state.waiting.append((entry, done))
                if state.isWriting { return false }
                state.isWriting = true
                return true
            }
            // If the pool is shutting down, the write runs here.
            if begins { thread.submit { _ in self.write() } }
        }
    }

    private func write() {
        while true {
            let batch = state.withLock { state in
                let batch = state.waiting
                state.waiting = []
                if batch.isEmpty { state.isWriting = false }
                return batch
            }
            if batch.isEmpty { return }
            let outcome = Result { try log.append(batch.map(\.entry)) }
            for (_, done) in batch { done.resume(with: outcome) }
        }
    }
}
