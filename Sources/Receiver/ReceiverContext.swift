internal import Configuring
internal import DurableFiles
internal import Logging
internal import NIOCore
internal import Spool
internal import Synchronization
internal import Webhooks

/// The state that all connections share.
final class ReceiverContext: Sendable {
    let configuration: ReceiverConfiguration
    let spools: [Environment: EnvironmentSpool]
    let writers: Writers
    let freeSpace: FreeSpaceGuard
    let memory: PayloadMemory
    let readiness: Readiness
    let connections: Connections
    let metrics = Metrics()
    let rejections: RejectionLog
    private let stopped = Atomic<Bool>(false)

    /// Creates the missing parts of the spool, durably.
    ///
    /// - Parameter free: Returns the free bytes of the spool's filesystem; by default, the real ones.
    /// - Throws: ``Failure`` with 73 if the spool cannot be created, 78 if its folders are on different filesystems.
    init(
        _ configuration: ReceiverConfiguration, log: Logger, free: (@Sendable () throws -> Int)? = nil
    ) throws(Failure) {
        self.configuration = configuration
        let (folder, spools) = try Self.makeSpool(configuration.spool)
        self.spools = spools
        writers = Writers(threads: configuration.writers, queue: configuration.queue)
        freeSpace = FreeSpaceGuard(
            reserve: configuration.reserve.bytes, measure: free ?? { try folder.root.freeBytes() })
        memory = PayloadMemory(limit: configuration.maxBuffered.bytes)
        readiness = Readiness(Array(spools.values), writers)
        connections = Connections(limit: configuration.maxConnections)
        rejections = RejectionLog(log)
    }

    /// Makes every new request be refused with 503. Returns `false` if that was so already.
    func beginStopping() -> Bool { !stopped.exchange(true, ordering: .relaxed) }
    var isStopping: Bool { stopped.load(ordering: .relaxed) }

    var gauges: Metrics.Gauges {
        Metrics.Gauges(
            inFlight: connections.busy, connections: connections.count, queued: writers.queued,
            bufferedBytes: memory.bytes, freeBytes: freeSpace.free)
    }

    /// Why any delivery would be refused now, whatever it contains, or `nil`.
    var rejection: Rejection? {
        if isStopping { return .stopping }
        if freeSpace.isLow { return .spaceLow }
        if memory.isFull { return .memoryFull }
        return writers.isFull ? .queueFull : nil
    }

    /// Stores a delivery. If this fails, with a ``Rejection`` or ``FileError``, no 200 may be sent.
    func store(
        _ payload: [UInt8], headers: [UInt8]?, in environment: Environment, on eventLoop: any EventLoop
    ) -> EventLoopFuture<DeliveryID> {
        guard let spool = spools[environment] else { return eventLoop.makeFailedFuture(Rejection.unknownPath) }
        let size = payload.count + (headers?.count ?? 0)
        guard freeSpace.promise(size) else { return eventLoop.makeFailedFuture(Rejection.spaceLow) }
        let outcome = writers.run(on: eventLoop) { [metrics] in
            let start = ContinuousClock.now
            defer { metrics.wrote(in: start.duration(to: .now)) }
            return try spool.store(payload, headers: headers)
        }
        outcome.whenComplete { [freeSpace] _ in freeSpace.release(size) }
        return outcome
    }

    private static func makeSpool(
        _ path: String
    ) throws(Failure) -> (SpoolFolder, [Environment: EnvironmentSpool]) {
        do {
            let folder = try SpoolFolder.make(path)
            var spools: [Environment: EnvironmentSpool] = [:]
            for environment in Environment.allCases { spools[environment] = try folder.environment(environment) }
            return (folder, spools)
        } catch let error as SpoolError {
            throw Failure(.configuration, "\(error)")
        } catch {
            throw Failure(.cantCreate, "\(error)")
        }
    }
}
