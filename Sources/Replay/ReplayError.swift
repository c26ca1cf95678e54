/// Why a replay cannot start, or ended early.
package enum ReplayError: Error, CustomStringConvertible {
    /// The target's URL cannot be used.
    case url(String, cause: String)
    /// The host of the URL has no address.
    case unresolved(host: String, cause: String)
    /// The host of the URL has an address that is not public.
    case notPublic(host: String, address: String)
    /// The certificates to trust cannot be read.
    case certificates(String, cause: String)
    /// A journal exists where a new one would be made.
    case journalExists(String)
    /// The journal to resume does not exist.
    case noJournal(String)
    /// The file is not the journal of this replay.
    case otherJournal(String, cause: String)
    /// Another replay is using the journal.
    case journalInUse(String)
    /// The journal cannot be read or written.
    case journal(String, cause: String)
    /// The target refuses every event.
    case refused(String, cause: String)
    /// A signal asked for the end.
    case interrupted
    /// Too many events in a row were not acknowledged.
    case unanswered(String, events: Int, cause: String)

    package var description: String {
        switch self {
        case .url(let url, let cause): "the URL \(url) cannot be used: \(cause)"
        case .unresolved(let host, let cause): "the host \(host) cannot be found: \(cause)"
        case .notPublic(let host, let address):
            address == host
                ? "\(address) is a loopback, link-local, or private address; add --allow-private if it is meant"
                : "the host \(host) has the address \(address), which is loopback, link-local, or private; add --allow-private "
                    + "if it is meant"
        case .certificates(let path, let cause):
            "cannot read certificates from \(path) (\(cause)); give a file in PEM format"
        case .journalExists(let path):
            "the journal \(path) exists; add --resume to go on with that replay, or name another file with --journal"
        case .noJournal(let path):
            "the journal \(path) does not exist; start without --resume, or name it with --journal"
        case .otherJournal(let path, let cause): "the journal \(path) cannot be resumed: \(cause)"
        case .journalInUse(let path): "another replay is using the journal \(path); wait until it is done"
        case .journal(let path, let cause): "the journal \(path) cannot be used: \(cause)"
        case .refused(let target, let cause):
            "\(target) \(cause); the replay stopped, and can be continued with --resume"
        case .interrupted: "the replay was interrupted, and can be continued with --resume"
        case .unanswered(let target, let events, let cause):
            "\(target) has not acknowledged the last \(events) events (the last of them: \(cause)); the replay stopped, and can "
                + "be continued with --resume"
        }
    }
}
