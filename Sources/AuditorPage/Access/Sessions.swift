internal import AccessLog
internal import Synchronization
internal import Webhooks

/// Who is signed in. In memory: with the program's end all are signed out.
///
/// Of a session's cookie only the hash is kept, as of a token; and of the auditor only by which token they came, so that a
/// revocation ends their sessions at once.
final class Sessions: Sendable {
    private let open = Mutex<[ContentHash: Session]>([:])

    struct Session {
        let tokenHash: ContentHash
        let began: Timestamp
        var used: Timestamp
    }

    /// In milliseconds: a session ends so long after it began, and so long after it was used last.
    static let longest: Int64 = 12 * 3_600_000
    static let longestIdle: Int64 = 2 * 3_600_000
    /// Beyond it, whoever was idle for longest is signed out.
    static let limit = 10_000

    /// - Returns: the cookie's value.
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

    /// By which token whoever has this cookie came; nil where there is no such session any more.
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
