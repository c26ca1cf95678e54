/// What a replay did.
package struct ReplayReport: Encodable, Equatable, Sendable {
    /// The id of the run, which every request had in its header `Daybook-Replay`.
    package var run: String
    package var target: String
    /// The path of the journal.
    package var journal: String
    /// The number of events that the target acknowledged in this run.
    package var acknowledged = 0
    /// The number of events that it had acknowledged before.
    package var acknowledgedBefore = 0
    /// The number of events that were given up and not acknowledged since, in all runs.
    package var failed = 0
    /// The number of businesses whose later events were not sent, since one was given up.
    package var heldBusinesses = 0
    /// The number of attempts beyond the first of each event, in this run.
    package var retries = 0
    /// The size of the acknowledged payloads, in bytes.
    package var bytes = 0
    /// The number of selected events that were erased or lost.
    package var gone = 0
    package var seconds = 0.0
    /// The first events that were given up.
    package var failures: [ReplayJournal.FailedEvent] = []

    package init(run: String, target: String, journal: String) {
        self.run = run
        self.target = target
        self.journal = journal
    }

    enum CodingKeys: String, CodingKey {
        case run, target, journal, acknowledged, failed, retries, bytes, gone, seconds, failures
        case acknowledgedBefore = "acknowledged_before"
        case heldBusinesses = "held_businesses"
    }
}
