package import Webhooks

/// A line of the access log.
///
///     {"auditor":"Ada","by":"root","grant":{…},"kind":"grant","time":"2026-11-24T09:00:00.000Z"}
///     {"auditor":"Ada","by":"root","kind":"revocation","time":…}
///     {"address":"192.0.2.7","auditor":"Ada","kind":"sign-in","time":…}
///     {"address":"192.0.2.7","kind":"refused","time":…}                               a wrong token
///     {"address":…,"auditor":"Ada","bytes":5210,"kind":"page","status":200,"time":…,"what":"/b/production/acme"}
///     {"address":…,"auditor":"Ada","kind":"retrieval","retrieval":"<UUID>","time":…,"what":…,"range":[0,4095]}
///     {"bytes":4096,"kind":"end","retrieval":"<UUID>","time":…,"whole":true}
///
/// An entry is durable before the first byte of the page or file is sent. If a retrieval has no end, the program was
/// killed in the meantime, and how far it got is unknown.
package struct AccessEntry: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case grant, revocation
        case signIn = "sign-in"
        case signOut = "sign-out"
        case refused, page, retrieval, end
    }

    package var kind: Kind
    /// The time at which the log accepted the entry, set by the log.
    package var time = Timestamp(milliseconds: 0)
    /// The name of the grant.
    package var auditor: String?
    /// The person who granted or revoked.
    package var by: String?
    package var grant: Grant?
    /// The client's address, as the connection has it.
    package var address: String?
    /// The path that was requested.
    package var what: String?
    /// The status of the answer, for a page.
    package var status: Int?
    /// The id of a retrieval, which its end repeats.
    package var retrieval: String?
    /// The first and the last byte, if a part of a file was requested.
    package var range: [Int]?
    /// The number of bytes that were handed to the network, without headers.
    package var bytes: Int?
    /// Whether everything that was requested was sent; `false` if the transfer was cut short.
    package var whole: Bool?

    package init(_ kind: Kind, auditor: String? = nil) {
        self.kind = kind
        self.auditor = auditor
    }
}
