internal import DurableFiles
internal import NIOCore
internal import Spool
internal import Synchronization

/// Whether a delivery would be stored now, which is tested by storing a probe.
///
/// A probe takes the path of a delivery, through the same queue and threads: contents synced, renamed, folder synced.
/// It stays in `tmp/` under a name that begins with `.`, so that no sweep takes it for a delivery. One probe serves
/// every request that arrives while it runs, and for a second after.
final class Readiness: Sendable {
    private struct Probe {
        let outcome: EventLoopFuture<Void>
        /// The result, or `nil` while the probe runs.
        var expires: ContinuousClock.Instant?
    }

    private let spools: [EnvironmentSpool]
    private let writers: Writers
    private let last = Mutex<Probe?>(nil)

    init(_ spools: [EnvironmentSpool], _ writers: Writers) {
        self.spools = spools
        self.writers = writers
    }

    /// Throws the error that a delivery would fail with.
    func probe(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let (outcome, isNew) = last.withLock { last in
            if let last, last.expires.map({ $0 > .now }) ?? true { return (last.outcome, false) }
            let outcome = writers.run(on: eventLoop) { [spools] in
                for spool in spools { try Self.store(in: spool) }
            }
            last = Probe(outcome: outcome)
            return (outcome, true)
        }
        if isNew {
            outcome.whenComplete { [self] _ in last.withLock { $0?.expires = .now + .seconds(1) } }
        }
        return outcome.hop(to: eventLoop)
    }

    private static func store(in spool: EnvironmentSpool) throws(FileError) {
        let name = ".ready-\(UInt64.random(in: .min ... .max))"
        let done = "\(name)-done"
        do throws(FileError) {
            var file = try spool.tmp.newFile(name)
            try file.write(Array("ready\n".utf8))
            try file.commit(as: done)
            try spool.tmp.remove(done)
            try spool.new.sync()
        } catch {
            // Otherwise a disk that fails would leave a file for every probe.
            _ = try? spool.tmp.remove(done)
            throw error
        }
    }
}
