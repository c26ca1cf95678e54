internal import Logging
internal import NIOHTTP1
internal import Synchronization
internal import Webhooks

/// Logs rejections at a limited rate: one line for each kind every ten seconds, with the number of further ones. No
/// path, header, or part of a payload is ever logged, since any of them may be a secret.
final class RejectionLog: Sendable {
    private let log: Logger
    private let kinds = Mutex<[Rejection: (last: ContinuousClock.Instant, unsaid: Int)]>([:])

    init(_ log: Logger) { self.log = log }

    /// - Parameters:
    ///   - from: The address of the connection's other end.
    ///   - cause: The cause, if more is known than the kind.
    func note(_ rejection: Rejection, _ environment: Environment?, from address: String?, cause: (any Error)? = nil) {
        let unsaid: Int? = kinds.withLock { kinds in
            if let kind = kinds[rejection], kind.last.duration(to: .now) < .seconds(10) {
                kinds[rejection] = (kind.last, kind.unsaid + 1)
                return nil
            }
            defer { kinds[rejection] = (.now, 0) }
            return kinds[rejection]?.unsaid ?? 0
        }
        guard let unsaid else { return }
        var line = "\(rejection.status.code) \(rejection.rawValue)"
        if let environment { line += " \(environment)" }
        if let address { line += " from \(address)" }
        if let cause { line += ": \(cause)" }
        if unsaid > 0 { line += " (and \(unsaid) more since the last such line)" }
        log.log(level: rejection.isOurs ? .warning : .info, "\(line)")
    }
}
