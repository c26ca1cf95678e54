internal import Dispatch
internal import Synchronization

/// A bounded ring buffer: threads put in products in any order, and one thread takes them out in order.
///
/// A product's slot is its number modulo the capacity, so no product is more than the capacity ahead of the next one to
/// be taken.
final class OrderedBuffer<Product: Sendable>: Sendable {
    private struct State {
        var next = 0
        var isStopped = false
        var products: [Product?]
    }

    private let count: Int
    private let capacity: Int
    private let state: Mutex<State>
    /// Counts the free slots.
    private let free = DispatchSemaphore(value: 0)
    /// For each slot, signals that its product is in it.
    private let ready: [DispatchSemaphore]

    /// - Parameters:
    ///   - count: The number of products in all.
    ///   - capacity: The number of slots.
    init(count: Int, capacity: Int) {
        self.count = count
        self.capacity = capacity
        state = Mutex(State(products: Array(repeating: nil, count: capacity)))
        ready = (0..<capacity).map { _ in DispatchSemaphore(value: 0) }
        for _ in 0..<capacity { free.signal() }
    }

    /// Waits for a free slot and returns the number of the product to make for it, or `nil` if no more are needed.
    func next() -> Int? {
        free.wait()
        return state.withLock { state in
            guard !state.isStopped, state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    func put(_ product: Product, at number: Int) {
        state.withLock { $0.products[number % capacity] = product }
        ready[number % capacity].signal()
    }

    /// Waits for a product and removes it from the buffer.
    func take(_ number: Int) -> Product {
        ready[number % capacity].wait()
        let product = state.withLock { $0.products[number % capacity].take() }
        free.signal()
        guard let product else { preconditionFailure("product \(number) was taken before") }
        return product
    }

    /// Makes ``next()`` return `nil` from now on, and wakes the threads that wait in it.
    func stop(threads: Int) {
        state.withLock { $0.isStopped = true }
        for _ in 0..<threads { free.signal() }
    }
}
