/// The names of the headers by which a replay marks each delivery, in lower case.
package enum ReplayHeader {
    /// The header with the id of the replay's run.
    package static let run = "daybook-replay"
    /// The header with the id of the event that is delivered again.
    package static let event = "daybook-event"
}
