internal import Archive
internal import ArchiveIndex
internal import Parallel
package import Webhooks

/// One run of the batch, which empties the spool into the archive.
///
/// The steps are those of ``run()``, in order. This is what an interruption between any two of them leaves, and what the
/// next sweep does about it:
///
/// | interrupted | on disk | the next sweep |
/// | --- | --- | --- |
/// | before the commit | staged files; the spool is untouched | removes the staging, starts over |
/// | after the commit | staged files; the index says `committed` | publishes the rest, clears the spool |
/// | while publishing | some files are renamed | renames the rest |
/// | while clearing | some entries are still in `new/` | knows their ids: clears them, and counts none twice |
/// | after the commit, and the staging is damaged | the spool still has every delivery | undoes the sweep, starts over |
/// | any of these, and the index is lost | a staging with its record | publishes it, rebuilds the index from the files |
/// | any of these, and the index is lost | a staging without its record | removes it, rebuilds the index, starts over |
///
/// A sweep makes two passes. In the first, threads read and parse entries, and one thread decides, in the order of receipt,
/// what each becomes. In the second, threads write one file each. So memory holds a few dozen bytes for each delivery of a
/// commit, and lines only as far as there is room. Neither the order nor the bytes depend on the number of threads or the memory.
///
/// What is in the spool may be too much for one commit. Then it is taken in portions, in the order of receipt: each is
/// scanned, committed, published and cleared before the next, and has a separate number and record.
///
/// Invariants:
///
/// - Nothing leaves `new/` before the commit.
/// - The commit is durable when it returns.
/// - No file is appended to unless it is exactly as the index records it.
/// - All staged files are durable before the record that lists them is staged.
/// - All renames are durable before the index says `published`, which is durable before the first entry is cleared.
package struct Sweep {
    package struct Configuration: Sendable {
        /// The path of the spool.
        package var spool: String
        /// The path of the archive.
        package var archive: String
        /// An IANA time zone name, or `nil` for the archive's own.
        package var timeZone: String?
        package var rules = PayloadRules()
        /// The request header that carries the sender's id, in lower case.
        package var idHeader: String?
        /// How far a redelivery may be from its event's first receipt, before or after, in milliseconds. 0 turns the search
        /// for redeliveries off.
        package var redeliveryWindow = defaultRedeliveryWindow
        /// The path of an ssh-keygen(1) key that signs each seal, or `nil` to sign none.
        package var signKey: String?
        /// The number of threads that read and compress. The result does not depend on it.
        package var threads = Pipeline.cores
        /// The memory for what is kept between the two passes, in bytes: 400 for each delivery of a commit, for the plan and
        /// the rows of the index, and the rest for lines. The result does not depend on it.
        package var memory = 112 << 20
        /// The most deliveries that are committed together.
        package var deliveries = 250_000
        /// The memory for the files that get lines, and for redeliveries and quarantined deliveries, in bytes. Once it is
        /// full, the deliveries so far are committed.
        package var planMemory = 24 << 20

        /// 7 days.
        package static let defaultRedeliveryWindow: Int64 = 7 * 86_400_000

        package init(spool: String, archive: String) {
            self.spool = spool
            self.archive = archive
        }
    }

    /// A point that a sweep reaches.
    package enum Point: Equatable, Sendable {
        case locked, recovered, scanned
        /// This many of all entries are decided on.
        case deciding(Int, of: Int)
        case decided
        /// The file at this path is staged.
        case staging(String)
        case staged, recorded, committed
        /// The file at this path is about to be renamed to its final name.
        case publishing(String)
        case published, clearing, cleared
        case sealing(Environment, CivilDate)
        case sealed
    }

    package let configuration: Configuration
    package let now: Timestamp
    private let observe: (Point) throws -> Void

    /// - Parameters:
    ///   - now: The time of the sweep. Days before its day are sealed.
    ///   - observe: Called at each point before the sweep goes on. An error that it throws ends the sweep there, without
    ///     any cleanup.
    package init(_ configuration: Configuration, now: Timestamp, observe: @escaping (Point) throws -> Void = { _ in }) {
        self.configuration = configuration
        self.now = now
        self.observe = observe
    }

    package func run() throws -> SweepReport {
        let clock = StepClock()
        func reach(_ point: Point) throws {
            clock.reach(point)
            try observe(point)
        }
        return try SweepLocks.hold(
            spool: configuration.spool, archive: configuration.archive, timeZone: configuration.timeZone,
            purpose: "a sweep"
        ) { locks in
            func attempt() throws -> SweepReport {
                let recovery = try Recovery(locks.archive, observe: reach).run()
                try reach(.recovered)
                let run = try SweepRun(configuration, now: now, locks: locks, index: recovery.index, observe: reach)
                try run.settle()
                repeat {
                    try run.scan()
                    try run.commit()
                    try run.publish()
                    try run.clear()
                } while !run.isOver
                try run.seal()
                return run.report(recovery, steps: clock.steps)
            }
            try reach(.locked)
            do {
                return try attempt()
            } catch let error as IndexError {
                // A damaged index is worth no more than a missing one, which is rebuilt from the files.
                switch error {
                case .corrupt: break
                case .inaccessible: guard try IndexDatabase.isUnreadable(in: locks.archive) else { throw error }
                case .missing, .full, .newerSchema, .notAnIndex: throw error
                }
                try IndexDatabase.remove(in: locks.archive)
                return try attempt()
            }
        }
    }
}
