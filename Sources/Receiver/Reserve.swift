internal import Synchronization

/// The space that is left free on the spool's filesystem, so that a sweep, which needs some, can still empty the spool.
///
/// Below it deliveries are refused with 503, and taken again as soon as there is space: the sender keeps them
/// meanwhile.
final class Reserve: Sendable {
    private let bytes: Int
    private let measure: @Sendable () throws -> Int
    private let last = Mutex<(at: ContinuousClock.Instant, free: Int?)?>(nil)

    /// - Parameters:
    ///   - bytes: 0 for none.
    ///   - measure: the free bytes.
    init(bytes: Int, measure: @escaping @Sendable () throws -> Int) {
        self.bytes = bytes
        self.measure = measure
    }

    /// Free bytes, as of at most 250 ms ago; nil where they cannot be told.
    var free: Int? {
        last.withLock { last in
            if let last, last.at.duration(to: .now) < .milliseconds(250) { return last.free }
            let free = try? measure()
            last = (.now, free)
            return free
        }
    }

    /// Not to be told is not low: then the write itself will say.
    var isLow: Bool { bytes > 0 && (free ?? .max) < bytes }
}

/// The bytes of payloads that are in memory, over all connections. A connection that would go beyond is refused with
/// 503 rather than left waiting: those that wait would hold what they have, and could keep each other from ever ending.
final class PayloadMemory: Sendable {
    private let limit: Int
    private let held = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    var bytes: Int { held.load(ordering: .relaxed) }

    /// false, and nothing taken, where it would be too much.
    func take(_ count: Int) -> Bool {
        if held.wrappingAdd(count, ordering: .relaxed).newValue <= limit { return true }
        give(count)
        return false
    }

    func give(_ count: Int) { held.wrappingSubtract(count, ordering: .relaxed) }
}
