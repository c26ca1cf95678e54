internal import Configuring
internal import DurableFiles
internal import Logging
internal import NIOCore
internal import Spool
internal import Synchronization
internal import Webhooks

/// What all connections share.
final class Reception: Sendable {
    let configuration: Configuration
    let spools: [Environment: EnvironmentSpool]
    let writers: Writers
    let reserve: Reserve
    let memory: PayloadMemory
    let readiness: Readiness
    let connections: Connections
    let metrics = Metrics()
    let refusals: RefusalLog
    private let stopped = Atomic<Bool>(false)

    /// Makes what is missing of the spool, durably.
    ///
    /// - Parameter free: measures the free bytes of the spool's filesystem; nil for the true ones.
    init(
        _ configuration: Configuration, log: Logger, free: (@Sendable () throws -> Int)? = nil
    ) throws(Failure) {
        self.configuration = configuration
        let (folder, spools) = try Self.makeSpool(configuration.spool)
        self.spools = spools
        writers = Writers(threads: configuration.writers, queue: configuration.queue)
        reserve = Reserve(bytes: configuration.reserve.bytes, measure: free ?? { try folder.root.freeBytes() })
        memory = PayloadMemory(limit: configuration.maxBuffered.bytes)
        readiness = Readiness(Array(spools.values), writers)
        connections = Connections(limit: configuration.maxConnections)
        refusals = RefusalLog(log)
    }

    /// From here on every new request is refused with 503; false where that was so already.
    func beginStopping() -> Bool { !stopped.exchange(true, ordering: .relaxed) }
    var isStopping: Bool { stopped.load(ordering: .relaxed) }

    var gauges: Metrics.Gauges {
        Metrics.Gauges(
            inFlight: connections.busy, connections: connections.count, queued: writers.queued,
            bufferedBytes: memory.bytes, freeBytes: reserve.free)
    }

    /// Stores a delivery. Fails with a ``Refusal`` or ``FileError``, and then no 200 may be sent.
    func store(
        _ payload: [UInt8], headers: [UInt8]?, _ environment: Environment, on eventLoop: any EventLoop
    ) -> EventLoopFuture<DeliveryID> {
        guard let spool = spools[environment] else { return eventLoop.makeFailedFuture(Refusal.unknownPath) }
        return writers.run(on: eventLoop) { [metrics] in
            let start = ContinuousClock.now
            defer { metrics.wrote(in: start.duration(to: .now)) }
            return try spool.store(payload, headers: headers)
        }
    }

    private static func makeSpool(
        _ path: String
    ) throws(Failure) -> (SpoolFolder, [Environment: EnvironmentSpool]) {
        do {
            let folder = try SpoolFolder.make(path)
            var spools: [Environment: EnvironmentSpool] = [:]
            for environment in Environment.allCases {
                spools[environment] = try folder.make(environment)
                // Folders that were there already may have been made a moment ago, and not synced by whoever did.
                try folder.root.folder("\(environment)")?.sync()
            }
            try folder.root.sync()
            // Where the parent cannot be opened, the folder was not made just now by us, nor by anyone like us.
            try (try? Folder("\(path)/.."))?.sync()
            return (folder, spools)
        } catch let error as SpoolError {
            throw Failure(.configuration, "\(error)")
        } catch {
            throw Failure(.cantCreate, "\(error)")
        }
    }
}
