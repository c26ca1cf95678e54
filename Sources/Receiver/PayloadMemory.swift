internal import Synchronization

/// Limits the memory that payloads take, over all connections.
///
/// A connection that would exceed the limit is refused with 503. If it waited instead, it would hold what it has, and waiting
/// connections could keep one another from ever finishing.
final class PayloadMemory: Sendable {
    private let limit: Int
    private let held = Atomic<Int>(0)

    /// - Parameter limit: In bytes.
    init(limit: Int) { self.limit = limit }

    /// The memory in use, in bytes.
    var bytes: Int { held.load(ordering: .relaxed) }
    var isFull: Bool { bytes >= limit }

    /// Takes memory. Returns `false`, and takes none, if that would exceed the limit.
    func take(_ count: Int) -> Bool {
        if held.wrappingAdd(count, ordering: .relaxed).newValue <= limit { return true }
        give(count)
        return false
    }

    /// Gives memory back.
    func give(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }
}
