internal import DurableFiles
internal import NIOCore
internal import Spool
internal import Synchronization

/// Whether a delivery would be stored now: found out by storing something.
///
/// A probe goes the way of a delivery, through the same queue and threads: contents synced, renamed, folder synced. It
/// stays within `tmp/` under a name that begins with `.`, so that no sweep can take it for a delivery. One probe serves
/// all who ask while it runs, and for a second after.
final class Readiness: Sendable {
    private struct Probe {
        let outcome: EventLoopFuture<Void>
        /// nil while it runs.
        var expires: ContinuousClock.Instant?
    }

    private let spools: [EnvironmentSpool]
    private let writers: Writers
    private let last = Mutex<Probe?>(nil)

    init(_ spools: [EnvironmentSpool], _ writers: Writers) {
        self.spools = spools
        self.writers = writers
    }

    /// Fails with what a delivery would fail with.
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
            // Asked every second of a disk that fails, it would else leave as many files.
            _ = try? spool.tmp.remove(done)
            throw error
        }
    }
}
