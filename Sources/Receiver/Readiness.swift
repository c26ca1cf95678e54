internal import DurableFiles
internal import NIOCore
internal import Spool
internal import Synchronization

/// Whether a delivery would be stored now: found out by storing something.
///
/// A probe goes the way of a delivery, through the same queue and threads: contents synced, renamed, folder synced. It
/// stays within `tmp/` under a name that begins with `.`, so that no sweep can take it for a delivery. One probe serves
/// all that ask within a second.
final class Readiness: Sendable {
    private let spools: [EnvironmentSpool]
    private let writers: Writers
    private let last = Mutex<(at: ContinuousClock.Instant, outcome: EventLoopFuture<Void>)?>(nil)

    init(_ spools: [EnvironmentSpool], _ writers: Writers) {
        self.spools = spools
        self.writers = writers
    }

    /// Fails with what a delivery would fail with.
    func probe(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        last.withLock { last in
            if let last, last.at.duration(to: .now) < .seconds(1) { return last.outcome }
            let outcome = writers.run(on: eventLoop) { [spools] in
                for spool in spools {
                    let name = ".ready-\(UInt64.random(in: .min ... .max))"
                    var file = try spool.tmp.newFile(name)
                    try file.write(Array("ready\n".utf8))
                    try file.commit(as: "\(name)-done")
                    try spool.tmp.remove("\(name)-done")
                    try spool.new.sync()
                }
            }
            last = (.now, outcome)
            return outcome
        }.hop(to: eventLoop)
    }
}
