internal import NIOCore
internal import Synchronization

/// The connections that are open, and how many of them are busy with a request.
///
/// One beyond the limit is accepted, answered 503 and closed: left in the kernel's backlog its client would
/// wait until it gives up, and a health check could not distinguish full from dead. Of those that only get this answer there
/// may be an eighth of the limit; any further one is closed without a word.
final class Connections: Sendable {
    enum Admission { case admitted, toRefuse, toClose }

    private let limit: Int
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let active = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    var count: Int { open.withLock { $0.count } }
    var busy: Int { active.load(ordering: .relaxed) }

    /// Takes a new connection in, until it is closed.
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

    /// Waits until no connection is busy, and returns at the deadline at the latest.
    func settle(until deadline: ContinuousClock.Instant) async {
        // Looking again now and then is all that this needs: it happens once, and at the end.
        while busy > 0, .now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    func closeAll() async {
        for channel in open.withLock({ Array($0.values) }) { try? await channel.close().get() }
    }
}
