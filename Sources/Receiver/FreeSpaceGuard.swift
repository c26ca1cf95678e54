internal import Synchronization

/// Keeps a reserve of free space on the spool's filesystem, which a sweep needs to empty the spool.
///
/// A delivery that would use the reserve is refused with 503; the sender keeps it and sends it again.
///
/// Free space is measured every 250 ms at most, and thousands of deliveries may arrive in between. So the space promised to
/// deliveries counts as used from the moment they are accepted until a measurement includes it.
final class FreeSpaceGuard: Sendable {
    private struct State {
        var measuredAt: ContinuousClock.Instant?
        /// The free space at the last measurement, in bytes, or `nil` if it could not be measured.
        var free: Int?
        /// The space promised to deliveries that are being written, in bytes.
        var inFlight = 0
        /// The space promised to deliveries that were written since the last measurement, in bytes.
        var writtenSince = 0
    }

    private let reserve: Int
    private let measure: @Sendable () throws -> Int
    private let state = Mutex(State())

    private static let interval = Duration.milliseconds(250)
    /// The size of a filesystem block, in bytes. Files take whole blocks.
    private static let block = 4096

    /// - Parameters:
    ///   - reserve: The space to keep free, in bytes; 0 turns the guard off.
    ///   - measure: Returns the free space of the filesystem, in bytes.
    init(reserve: Int, measure: @escaping @Sendable () throws -> Int) {
        self.reserve = reserve
        self.measure = measure
    }

    /// The free space in bytes, at most 250 ms old, or `nil` if it cannot be measured.
    var free: Int? { state.withLock { current(&$0).free } }

    /// Whether even the smallest delivery would be refused. Space that cannot be measured is not low: a write will show.
    var isLow: Bool { !hasRoom(for: 0) }

    /// Whether a payload of this size, in bytes, would be accepted now.
    func hasRoom(for size: Int) -> Bool {
        reserve == 0 || state.withLock { Self.hasRoom(for: Self.space(size), in: current(&$0), reserve: reserve) }
    }

    /// Promises space to a payload. Call ``release(_:)`` with the same size once it is written, or its writing has failed.
    ///
    /// - Returns: Whether there is room. If not, nothing is promised.
    func promise(_ size: Int) -> Bool {
        state.withLock { state in
            let space = Self.space(size)
            guard reserve == 0 || Self.hasRoom(for: space, in: current(&state), reserve: reserve) else { return false }
            state.inFlight += space
            return true
        }
    }

    func release(_ size: Int) {
        state.withLock { state in
            state.inFlight -= Self.space(size)
            state.writtenSince += Self.space(size)
        }
    }

    /// The space that a delivery takes: its payload, and a block each for its sidecar and its folder entries.
    private static func space(_ size: Int) -> Int { (size + block - 1) / block * block + 2 * block }

    private static func hasRoom(for space: Int, in state: State, reserve: Int) -> Bool {
        guard let free = state.free else { return true }
        return free - state.inFlight - state.writtenSince - space >= reserve
    }

    private func current(_ state: inout State) -> State {
        if let measuredAt = state.measuredAt, measuredAt.duration(to: .now) < Self.interval { return state }
        state.free = try? measure()
        state.measuredAt = .now
        state.writtenSince = 0
        return state
    }
}
