internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The threads that write, with a bounded queue in front of them.
///
/// A delivery waits twice for a disk, and an event loop that waits serves nobody. NIO's shared pool has a few threads
/// for a whole program, while a filesystem's journal makes one commit of all syncs that wait for it at the same time.
/// So the number of threads is the number of deliveries that can become durable together: see
/// `EnvironmentSpool.store`.
final class Writers: Sendable {
    private let pool: NIOThreadPool
    private let limit: Int
    private let waiting = Atomic<Int>(0)

    /// - Parameters:
    ///   - threads: The number of threads.
    ///   - queue: The number of jobs that may wait for a thread.
    init(threads: Int, queue: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        limit = queue
        pool.start()
    }

    /// The number of waiting jobs.
    var queued: Int { waiting.load(ordering: .relaxed) }
    var isFull: Bool { queued >= limit }

    /// Runs `work` on one of the threads. Fails with ``Rejection/queueFull`` if too many jobs wait already.
    func run<Result: Sendable>(
        on eventLoop: any EventLoop, _ work: @escaping @Sendable () throws -> Result
    ) -> EventLoopFuture<Result> {
        guard waiting.wrappingAdd(1, ordering: .relaxed).oldValue < limit else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return eventLoop.makeFailedFuture(Rejection.queueFull)
        }
        return pool.runIfActive(eventLoop: eventLoop) { [self] in
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return try work()
        }
    }

    /// Waits for the running writes, and accepts no more.
    func stop() async throws { try await pool.shutdownGracefully() }
}
