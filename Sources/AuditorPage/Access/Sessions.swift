internal import AccessLog
internal import Synchronization
internal import Webhooks

/// The sessions of signed-in auditors. They are kept in memory, so a restart signs everyone out.
///
/// Only the hash of a session's cookie is kept, as with a token. A session refers to its auditor only by the token it
/// began with, so a revocation ends it at once.
final class Sessions: Sendable {
    private let open = Mutex<[ContentHash: Session]>([:])

    struct Session {
        let tokenHash: ContentHash
        let began: Timestamp
        var used: Timestamp
    }

    /// The longest life of a session, and the longest time it may be idle, in milliseconds.
    static let longest: Int64 = 12 * 3_600_000
    static let longestIdle: Int64 = 2 * 3_600_000
    /// The largest number of sessions. Beyond it, the session that has been idle for longest ends.
    static let limit = 10_000

    /// Begins a session.
    ///
    /// - Returns: The cookie's value.
    func begin(tokenHash: ContentHash, at now: Timestamp) -> String {
        let cookie = RandomText.make()
        open.withLock { open in
            open = open.filter { Self.isGood($0.value, now) }
            if open.count >= Self.limit, let idle = open.min(by: { $0.value.used < $1.value.used }) {
                open[idle.key] = nil
            }
            open[ContentHash(of: Array(cookie.utf8))] = Session(tokenHash: tokenHash, began: now, used: now)
        }
        return cookie
    }

    /// Returns the token that the session with this cookie began with, or `nil` if there is no such session.
    func tokenHash(cookie: String, at now: Timestamp) -> ContentHash? {
        let key = ContentHash(of: Array(cookie.utf8))
        return open.withLock { open in
            guard var session = open[key] else { return nil }
            guard Self.isGood(session, now) else {
                open[key] = nil
                return nil
            }
            session.used = now
            open[key] = session
            return session.tokenHash
        }
    }

    func end(cookie: String) {
        let key = ContentHash(of: Array(cookie.utf8))
        open.withLock { $0[key] = nil }
    }

    private static func isGood(_ session: Session, _ now: Timestamp) -> Bool {
        now.milliseconds - session.began.milliseconds < longest
            && now.milliseconds - session.used.milliseconds < longestIdle
    }
}
