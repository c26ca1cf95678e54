internal import Glibc
internal import Logging
internal import NIOHTTP1
internal import Synchronization
internal import Webhooks

/// Writes log lines to stderr, as `2026-11-23T21:14:48.704Z info: listening on http://127.0.0.1:8080`.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).merging(metadata) { own, _ in own }.sorted { $0.key < $1.key }
        let text = fields.reduce("\(event.message)") { "\($0) \($1.key)=\($1.value)" }
        // One line each, whatever is in it.
        let line = text.map { $0.isNewline ? " " : $0 }
        let bytes = Array("\(Timestamp.now) \(event.level): \(String(line))\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// Says what goes wrong, calmly: a line for each kind of refusal and ten seconds, with how many more there were. No
/// path, no header and nothing of a payload is ever logged: any of them may be a secret.
final class RefusalLog: Sendable {
    private let log: Logger
    private let kinds = Mutex<[Refusal: (last: ContinuousClock.Instant, unsaid: Int)]>([:])

    init(_ log: Logger) { self.log = log }

    /// - Parameters:
    ///   - from: the address of the other end of the connection.
    ///   - cause: what made it so, where more is known than the kind.
    func note(_ refusal: Refusal, _ environment: Environment?, from address: String?, cause: (any Error)? = nil) {
        let unsaid: Int? = kinds.withLock { kinds in
            if let kind = kinds[refusal], kind.last.duration(to: .now) < .seconds(10) {
                kinds[refusal] = (kind.last, kind.unsaid + 1)
                return nil
            }
            defer { kinds[refusal] = (.now, 0) }
            return kinds[refusal]?.unsaid ?? 0
        }
        guard let unsaid else { return }
        var line = "\(refusal.status.code) \(refusal.rawValue)"
        if let environment { line += " \(environment)" }
        if let address { line += " from \(address)" }
        if let cause { line += ": \(cause)" }
        if unsaid > 0 { line += " (and \(unsaid) more since the last such line)" }
        log.log(level: refusal.isOurs ? .warning : .info, "\(line)")
    }
}

extension Timestamp {
    static var now: Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
    }
}
