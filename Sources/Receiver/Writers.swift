internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The threads that write, with a bounded queue before them.
///
/// A delivery is two waits for a disk, and an event loop that waits serves nobody. The pool is our own: NIO's shared
/// one has a few threads for a whole program, while a filesystem's journal makes one commit of all syncs that wait for it
/// at once. So the number of threads is how many deliveries can be made durable together: see `EnvironmentSpool.store`.
final class Writers: Sendable {
    private let pool: NIOThreadPool
    private let limit: Int
    private let waiting = Atomic<Int>(0)

    /// - Parameters:
    ///   - threads: how many work at a time.
    ///   - queue: how many pieces of work may wait for one.
    init(threads: Int, queue: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        limit = queue
        pool.start()
    }

    /// The number of waiting pieces of work.
    var queued: Int { waiting.load(ordering: .relaxed) }
    var isFull: Bool { queued >= limit }

    /// Runs `work` on one of the threads; fails with ``Rejection/queueFull`` where too many wait already.
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

    /// Waits for what is being written, and takes no more.
    func stop() async throws { try await pool.shutdownGracefully() }
}
