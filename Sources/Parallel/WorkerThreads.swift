internal import Glibc

/// Dedicated threads (pthreads(7)) that run one function. The threads of a shared pool could all be waiting for one
/// another.
struct WorkerThreads {
    private let threads: [pthread_t]

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts the threads. Each of them runs `body` once.
    init(count: Int, _ body: @escaping @Sendable () -> Void) {
        threads = (0..<count).map { _ in
            var thread = pthread_t()
            let work = Unmanaged.passRetained(Work(body))
            let status = pthread_create(
                &thread, nil,
                { work in
                    // On Linux, each thread has its own niceness (nice(2)). The consumer must run before the producers:
                    // otherwise it gets only its share of the processor, and the producers keep waiting for it.
                    _ = nice(5)
                    if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
                    return nil
                }, work.toOpaque())
            precondition(status == 0, "cannot start a thread: \(String(cString: strerror(status)))")
            return thread
        }
    }

    /// Waits until all threads have ended.
    func join() { for thread in threads { pthread_join(thread, nil) } }
}
