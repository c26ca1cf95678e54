internal import Glibc

/// Threads that produce values ahead of one consumer, which gets them in order.
///
/// The consumer gets the same products in the same order whatever the number of threads, so the output of a sweep does
/// not depend on it. With one thread, the caller does all the work, and no other thread is started.
package struct Pipeline: Sendable {
    package let threads: Int

    /// - Parameter threads: The number of threads that produce, at least 1.
    package init(threads: Int = Pipeline.cores) {
        precondition(threads > 0, "a pipeline of no threads never ends")
        self.threads = threads
    }

    /// The number of cores that this process may use now (sysconf(3)).
    package static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Produces the products 0, 1, … on the threads, and consumes them in this order on the calling thread.
    ///
    /// For each thread, at most four products (or batches of them) wait to be consumed.
    ///
    /// - Parameters:
    ///   - count: The number of products.
    ///   - inBatches: Whether threads hand over up to 32 products at a time. Use it for very many products that each
    ///     take microseconds.
    ///   - tool: Makes the object that one thread uses for all its products.
    ///   - produce: Makes one product. Several threads call it at the same time.
    ///   - consume: Takes one product. Only the calling thread calls it, in order.
    ///   - isEnough: Whether no further product is needed. The calling thread asks before it takes one.
    /// - Throws: The first error of `produce` or `consume`, in the order of the products. Nothing is consumed after it.
    package func run<Tool, Product: Sendable>(
        _ count: Int, inBatches: Bool = false, tool: @Sendable () -> Tool,
        produce: @Sendable (Tool, Int) throws -> Product, consume: (Int, Product) throws -> Void,
        until isEnough: () -> Bool = { false }
    ) throws {
        let threads = min(threads, count)
        guard threads > 1 else {
            let tool = tool()
            for number in 0..<count where !isEnough() { try consume(number, produce(tool, number)) }
            return
        }
        // A small count is not batched: a single thread would be left with the last batch.
        let size = inBatches ? max(1, min(32, count / (64 * threads))) : 1
        let batches = (count + size - 1) / size
        // The threads end before this function returns, so they may use closures that do not escape.
        try withoutActuallyEscaping(tool) { tool in
            try withoutActuallyEscaping(produce) { produce in
                let buffer = OrderedBuffer<ProductBatch<Product>>(count: batches, capacity: 4 * threads)
                let workers = WorkerThreads(count: threads) {
                    let tool = tool()
                    while let number = buffer.next() {
                        let first = number * size
                        let batch = ProductBatch(first..<min(first + size, count)) { try produce(tool, $0) }
                        buffer.put(batch, at: number)
                    }
                }
                defer {
                    buffer.stop(threads: threads)
                    workers.join()
                }
                for number in 0..<batches where !isEnough() {
                    let batch = buffer.take(number)
                    for (index, product) in batch.products.enumerated() where !isEnough() {
                        try consume(number * size + index, product)
                    }
                    if let failure = batch.failure, !isEnough() { throw failure }
                }
            }
        }
    }
}
