internal import Glibc

/// A sync that concurrent callers share (group commit, as in databases).
///
/// A sync makes durable only what was written before it began. A caller that arrives while a sync runs therefore waits
/// for the next one, together with all others that arrive meanwhile. A caller that arrives alone gets a sync at once,
/// without waiting for a timer.
package final class GroupSync: @unchecked Sendable {
    private let sync: @Sendable () throws(FileError) -> Void
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let roundEnded: UnsafeMutablePointer<pthread_cond_t>
    // The mutex guards both.
    private var isRunning = false
    private var next = Round()

    /// One sync and the callers that wait for it. The mutex guards it.
    private final class Round { var outcome: Result<Void, FileError>? }

    /// - Parameter sync: The sync to share. One thread at a time calls it.
    package init(_ sync: @escaping @Sendable () throws(FileError) -> Void) {
        self.sync = sync
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        roundEnded = .allocate(capacity: 1)
        pthread_cond_init(roundEnded, nil)
    }

    deinit {
        pthread_cond_destroy(roundEnded)
        roundEnded.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Returns after a sync that began after this call.
    ///
    /// - Throws: The error of that sync. All callers that share the sync get it.
    package func callAsFunction() throws(FileError) {
        pthread_mutex_lock(mutex)
        let round = next
        while round.outcome == nil {
            if isRunning {
                pthread_cond_wait(roundEnded, mutex)
                continue
            }
            // The first caller of a round that finds no sync running performs it.
            isRunning = true
            next = Round()
            pthread_mutex_unlock(mutex)
            let outcome = Result { () throws(FileError) in try sync() }
            pthread_mutex_lock(mutex)
            round.outcome = outcome
            isRunning = false
            pthread_cond_broadcast(roundEnded)
        }
        let outcome = round.outcome
        pthread_mutex_unlock(mutex)
        try outcome?.get()
    }
}
