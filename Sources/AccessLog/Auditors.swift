internal import Crypto
internal import Synchronization
package import Webhooks

/// The grants, as the access log records them.
package final class Auditors: Sendable {
    package let log: AccessLogFolder
    private let known = Mutex(Known())

    private struct Known {
        var files: [AccessLogFolder.GrantFile]?
        var auditors: [Auditor] = []
    }

    package struct Auditor: Equatable, Sendable {
        package var grant: Grant
        package var granted: Timestamp
        package var by: String?
        package var revoked: Timestamp?

        /// Whether the token is valid.
        package func isAdmitted(at now: Timestamp) -> Bool { revoked == nil && now < grant.expires }
    }

    package init(_ log: AccessLogFolder) { self.log = log }

    /// All grants that were ever made, in order. Changes by another process are seen at once.
    package func all() throws -> [Auditor] {
        let files = try log.grantFiles()
        if let auditors = known.withLock({ $0.files == files ? $0.auditors : nil }) { return auditors }
        var auditors: [Auditor] = []
        for file in files {
            for entry in try log.read(file.name) {
                if let grant = entry.grant, entry.kind == .grant {
                    auditors.append(Auditor(grant: grant, granted: entry.time, by: entry.by))
                } else if entry.kind == .revocation {
                    for index in auditors.indices
                    where auditors[index].grant.name == entry.auditor && auditors[index].revoked == nil {
                        auditors[index].revoked = entry.time
                    }
                }
            }
        }
        known.withLock { $0 = Known(files: files, auditors: auditors) }
        return auditors
    }

    /// Returns the auditor with this token, or `nil` if there is none, or the token is no longer valid.
    package func admitted(token: String, at now: Timestamp) throws -> Auditor? {
        try admitted(tokenHash: AccessToken.hash(token), at: now)
    }

    /// All grants are compared, so that the time it takes reveals nothing.
    package func admitted(tokenHash: ContentHash, at now: Timestamp) throws -> Auditor? {
        // swift-crypto compares digests in constant time.
        let wanted = SHA256.hash(data: tokenHash.bytes)
        var found: Auditor?
        for auditor in try all() where SHA256.hash(data: auditor.grant.tokenHash.bytes) == wanted { found = auditor }
        return found.flatMap { $0.isAdmitted(at: now) ? $0 : nil }
    }

    /// Grants access, and returns the token, which cannot be shown again.
    ///
    /// - Throws: ``AuditorsError/nameTaken(_:)`` if an auditor with this name has access already.
    package func add(name: String, scope: Scope, expires: Timestamp, by: String, at now: Timestamp) throws -> String {
        guard try !all().contains(where: { $0.grant.name == name && $0.isAdmitted(at: now) }) else {
            throw AuditorsError.nameTaken(name)
        }
        let token = AccessToken.make()
        var entry = AccessEntry(.grant, auditor: name)
        entry.by = by
        entry.grant = Grant(name: name, tokenHash: AccessToken.hash(token), scope: scope, expires: expires)
        try log.append([entry])
        return token
    }

    /// - Throws: ``AuditorsError/unknown(_:)`` if no auditor with this name has access.
    package func revoke(name: String, by: String) throws {
        guard try all().contains(where: { $0.grant.name == name && $0.revoked == nil }) else {
            throw AuditorsError.unknown(name)
        }
        var entry = AccessEntry(.revocation, auditor: name)
        entry.by = by
        try log.append([entry])
    }
}
