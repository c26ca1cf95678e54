internal import NIOCore
internal import Synchronization

/// The open connections, and how many of them are busy with a request.
///
/// A connection beyond the limit is accepted, answered 503, and closed. If it stayed in the kernel's backlog, its
/// client would wait until it gives up, and a health check could not distinguish a full receiver from a dead one. At
/// most an eighth of the limit may be waiting for this answer at a time; further connections are closed without one.
final class Connections: Sendable {
    enum Admission { case admitted, toRefuse, toClose }

    private let limit: Int
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let active = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    var count: Int { open.withLock { $0.count } }
    var busy: Int { active.load(ordering: .relaxed) }

    /// Counts a new connection until it closes.
    func admit(_ channel: any Channel) -> Admission {
        let count = open.withLock { open in
            open[ObjectIdentifier(channel)] = channel
            return open.count
        }
        channel.closeFuture.whenComplete { [self] _ in
            open.withLock { $0[ObjectIdentifier(channel)] = nil }
        }
        return count <= limit ? .admitted : count <= limit + max(limit / 8, 8) ? .toRefuse : .toClose
    }

    func beginRequest() { active.wrappingAdd(1, ordering: .relaxed) }
    func endRequest() { active.wrappingSubtract(1, ordering: .relaxed) }

    /// Waits until no connection is busy, at most until the deadline.
    func settle(until deadline: ContinuousClock.Instant) async {
        // Polling is sufficient, since this happens once, at the end.
        while busy > 0, .now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    func closeAll() async {
        for channel in open.withLock({ Array($0.values) }) { try? await channel.close().get() }
    }
}
