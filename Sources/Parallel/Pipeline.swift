internal import Dispatch
internal import Glibc
internal import Synchronization

/// Threads that make things ahead of one that takes them, in order.
///
/// What is taken, and when, does not depend on how many threads there are; so neither does what a sweep writes. With one
/// thread the caller does all of it, one thing after another, and no other thread is started.
package struct Pipeline: Sendable {
    package let threads: Int

    /// - Parameter threads: how many make things; 1 or more.
    package init(threads: Int = Pipeline.cores) {
        precondition(threads > 0, "a pipeline of no threads never ends")
        self.threads = threads
    }

    /// The cores that this process may use now (sysconf(3)).
    package static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Makes the products of 0, 1, … on the threads, and takes them in this order on the caller's.
    ///
    /// No more than four products, or batches, a thread are made and not yet taken.
    ///
    /// - Parameters:
    ///   - count: of products.
    ///   - inBatches: where there may be very many, each made in microseconds: threads then hand over up to 32 at a time.
    ///   - tool: what each thread makes for itself once, and uses for all that it makes.
    ///   - make: is called on any of the threads, for several products at once.
    ///   - take: is called on the caller's thread, for one product after another.
    /// - Throws: what `take` throws, and what `make` throws: that comes in the product's turn. Nothing is taken after it.
    package func run<Tool, Product: Sendable>(
        _ count: Int, inBatches: Bool = false, tool: @Sendable () -> Tool,
        make: @Sendable (Tool, Int) throws -> Product, take: (Int, Product) throws -> Void
    ) throws {
        let threads = min(threads, count)
        guard threads > 1 else {
            let tool = tool()
            for number in 0..<count { try take(number, make(tool, number)) }
            return
        }
        // Few are not put together: one thread would have the last ones to itself.
        let size = inBatches ? max(1, min(32, count / (64 * threads))) : 1
        let batches = (count + size - 1) / size
        // The threads end before this returns, so they may borrow what does not escape.
        try withoutActuallyEscaping(tool) { tool in
            try withoutActuallyEscaping(make) { make in
                let belt = Belt<Batch<Product>>(count: batches, places: 4 * threads)
                let crew = Crew(threads) {
                    let tool = tool()
                    while let number = belt.next() {
                        let first = number * size
                        belt.put(Batch(first..<min(first + size, count)) { try make(tool, $0) }, number)
                    }
                }
                defer {
                    belt.stop(threads)
                    crew.join()
                }
                for number in 0..<batches {
                    let batch = belt.take(number)
                    for (place, product) in batch.products.enumerated() { try take(number * size + place, product) }
                    if let failure = batch.failure { throw failure }
                }
            }
        }
    }
}

/// What a thread hands over at a time.
private struct Batch<Product: Sendable>: Sendable {
    private(set) var products: [Product] = []
    /// At the product after the last of these.
    private(set) var failure: (any Error)?

    init(_ numbers: Range<Int>, _ make: (Int) throws -> Product) {
        products.reserveCapacity(numbers.count)
        do {
            for number in numbers { products.append(try make(number)) }
        } catch {
            failure = error
        }
    }
}

/// Where products wait to be taken: a ring, so that none is far ahead.
private final class Belt<Product: Sendable>: Sendable {
    private struct State {
        var next = 0
        var isStopped = false
        var products: [Product?]
    }

    private let count: Int
    private let places: Int
    private let state: Mutex<State>
    /// One signal for each place that is free.
    private let free = DispatchSemaphore(value: 0)
    /// For each place, a signal once its product lies there.
    private let ready: [DispatchSemaphore]

    init(count: Int, places: Int) {
        self.count = count
        self.places = places
        state = Mutex(State(products: Array(repeating: nil, count: places)))
        ready = (0..<places).map { _ in DispatchSemaphore(value: 0) }
        for _ in 0..<places { free.signal() }
    }

    /// The number of the product to be made next, once there is a place for it; nil where there is none.
    func next() -> Int? {
        free.wait()
        return state.withLock { state in
            guard !state.isStopped, state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    func put(_ product: Product, _ number: Int) {
        state.withLock { $0.products[number % places] = product }
        ready[number % places].signal()
    }

    func take(_ number: Int) -> Product {
        ready[number % places].wait()
        let product = state.withLock { $0.products[number % places].take() }
        free.signal()
        guard let product else { preconditionFailure("product \(number) was taken before") }
        return product
    }

    /// Has no more products made.
    func stop(_ threads: Int) {
        state.withLock { $0.isStopped = true }
        for _ in 0..<threads { free.signal() }
    }
}

/// Threads of our own (pthreads(7)): those of a shared pool may all be waiting for one another.
private struct Crew {
    private let members: [pthread_t]

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    init(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        members = (0..<count).map { _ in
            var thread = pthread_t()
            let work = Unmanaged.passRetained(Work(body))
            let status = pthread_create(
                &thread, nil,
                { work in
                    // On Linux a thread has a niceness of its own (nice(2)). Who takes goes before who makes: else all
                    // of them would wait, in turns, for the one that is never given more than its share.
                    _ = nice(5)
                    if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
                    return nil
                }, work.toOpaque())
            precondition(status == 0, "no thread can be started: \(String(cString: strerror(status)))")
            return thread
        }
    }

    func join() { for member in members { pthread_join(member, nil) } }
}
