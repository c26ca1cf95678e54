internal import Archive
internal import Synchronization

/// Delivers the events of a ``ReplaySource`` to a ``ReplayTarget``.
///
/// Workers take one business after another, and send its events one after another, each only once the one before is
/// acknowledged. So there are as many requests at a time as workers, and the order within a business is that of the archive.
/// An event that fails for a reason that may pass is sent again. One that is refused, or failed too often, is given up, and
/// the later events of its business are held.
package final class ReplayRun: Sendable {
    package struct Configuration: Sendable {
        /// The number of workers, from 1 to 256.
        package var concurrency = 4
        /// The most requests in a second, or `nil` for no limit.
        package var rate: Double?
        package var retryPolicy = RetryPolicy()
        /// Whether to go on with a business after an event was given up.
        package var skipsFailed = false

        package init() {}
    }

    private let source: ReplaySource
    private let target: ReplayTarget
    private let journal: ReplayJournal
    private let configuration: Configuration
    private let pacer: Pacer
    private let state: Mutex<State>

    private struct State {
        var report: ReplayReport
        /// The number of events that were given up since the last acknowledgement.
        var failedInARow = 0
        /// Why no further event is sent.
        var end: ReplayError?
    }

    /// The number of events given up in a row after which a target counts as down, at least.
    private static let failuresOfOutage = 10

    package init(
        _ source: ReplaySource, to target: ReplayTarget, journal: (journal: ReplayJournal, path: String),
        _ configuration: Configuration
    ) {
        self.source = source
        self.target = target
        self.journal = journal.journal
        self.configuration = configuration
        pacer = Pacer(rate: configuration.rate)
        state = Mutex(
            State(report: ReplayReport(run: journal.journal.header.run, target: target.name, journal: journal.path)))
    }

    /// Sends what was not acknowledged yet.
    ///
    /// - Parameter progress: Called after each acknowledgement, by any worker, with the number of this run.
    /// - Returns: The report, and why the replay ended early, if it did.
    package func run(progress: @escaping @Sendable (Int) -> Void) async throws -> (ReplayReport, end: ReplayError?) {
        let before = try journal.counts()
        let started = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for _ in 0..<configuration.concurrency { group.addTask { try await self.work(progress) } }
            try await group.waitForAll()
        }
        let (after, failures) = (try journal.counts(), try journal.failures(limit: 100))
        return state.withLock { state in
            state.report.acknowledgedBefore = before.acknowledged
            state.report.failed = after.failed
            state.report.failures = failures
            state.report.gone = source.skippedSoFar.gone
            state.report.seconds = (ContinuousClock.now - started) / .seconds(1)
            return (state.report, state.end)
        }
    }

    private var isEnded: Bool { state.withLock { $0.end != nil } }

    /// Ends the run: what is being sent is sent to its end, and nothing else.
    package func stop() { state.withLock { $0.end = $0.end ?? .interrupted } }

    private func work(_ progress: @Sendable (Int) -> Void) async throws {
        while !isEnded, case let files = try source.nextBusiness(), !files.isEmpty {
            var events = BusinessEvents(files, of: source)
            while case let batch = try events.next(), !batch.isEmpty {
                guard let left = try await send(batch, progress) else { continue }
                // Without later events, nothing is held.
                if try !isEnded && (left > 0 || !events.next().isEmpty) {
                    state.withLock { $0.report.heldBusinesses += 1 }
                }
                break
            }
        }
    }

    /// Sends events of one business.
    ///
    /// - Returns: How many of them are left, if its next events must not be sent; otherwise `nil`.
    private func send(_ events: [EventLine], _ progress: @Sendable (Int) -> Void) async throws -> Int? {
        let events = try journal.unacknowledged(events)
        for (index, event) in events.enumerated() {
            guard !isEnded else { return events.count - index }
            guard try await send(event, progress) || configuration.skipsFailed else { return events.count - index - 1 }
        }
        return nil
    }

    /// Waits, unless the run ends.
    private func wait(_ delay: Duration) async throws {
        let end = ContinuousClock.now + delay
        while !isEnded, case let left = end - .now, left > .zero {
            try await Task.sleep(for: min(left, .milliseconds(500)))
        }
    }

    /// Sends one event until it is acknowledged or given up, or the run ends.
    ///
    /// - Returns: Whether it was acknowledged.
    private func send(_ event: EventLine, _ progress: @Sendable (Int) -> Void) async throws -> Bool {
        var random = SystemRandomNumberGenerator()
        var attempts = 0
        while true {
            try await wait(pacer.delay())
            if isEnded { return false }
            attempts += 1
            do {
                try await target.deliver(event, run: journal.header.run) { status in
                    try journal.acknowledge(event, status: status, attempts: attempts)
                }
                progress(noteAcknowledgement(of: event))
                return true
            } catch let failure as DeliveryFailure {
                guard failure.scope == .temporary, attempts <= configuration.retryPolicy.retries else {
                    try giveUp(event, failure, attempts: attempts)
                    return false
                }
                state.withLock { $0.report.retries += 1 }
                try await wait(
                    configuration.retryPolicy.delay(
                        afterAttempt: attempts, asked: failure.retryAfter, using: &random))
            }
        }
    }

    private func noteAcknowledgement(of event: EventLine) -> Int {
        state.withLock { state in
            state.failedInARow = 0
            state.report.acknowledged += 1
            state.report.bytes += event.payload.count
            return state.report.acknowledged
        }
    }

    private func giveUp(_ event: EventLine, _ failure: DeliveryFailure, attempts: Int) throws {
        try journal.fail(event, cause: failure.description, attempts: attempts)
        state.withLock { state in
            state.failedInARow += 1
            if state.end != nil { return }
            if failure.scope == .target {
                state.end = .refused(target.name, cause: failure.description)
            } else if state.failedInARow >= max(Self.failuresOfOutage, 2 * configuration.concurrency) {
                state.end = .unanswered(target.name, events: state.failedInARow, cause: failure.description)
            }
        }
    }
}
