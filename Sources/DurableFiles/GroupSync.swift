internal import Glibc

/// A sync that those who ask for it at the same time share (group commit, as databases have it).
///
/// A sync makes durable what was done before it began. So who comes while one runs waits for the next, with all others
/// who came meanwhile; and who comes alone has one at once, and waits for no timer.
package final class GroupSync: @unchecked Sendable {
    private let sync: @Sendable () throws(FileError) -> Void
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let roundEnded: UnsafeMutablePointer<pthread_cond_t>
    // Both guarded by the mutex.
    private var isRunning = false
    private var next = Round()

    /// One sync, by those who wait for it. Guarded by the mutex.
    private final class Round { var outcome: Result<Void, FileError>? }

    /// - Parameter sync: is called by one thread at a time.
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

    /// Returns when a sync has ended that began after this was called.
    ///
    /// - Throws: what that sync failed with: all who shared it are told.
    package func callAsFunction() throws(FileError) {
        pthread_mutex_lock(mutex)
        let round = next
        while round.outcome == nil {
            if isRunning {
                pthread_cond_wait(roundEnded, mutex)
                continue
            }
            // The first of a round to see that none runs leads it.
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
