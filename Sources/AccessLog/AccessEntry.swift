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
/// What is seen is on record before its first byte leaves. Of a retrieval without an end, nobody knows how far it came:
/// the program was killed meanwhile.
package struct AccessEntry: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable {
        case grant, revocation
        case signIn = "sign-in"
        case signOut = "sign-out"
        case refused, page, retrieval, end
    }

    package var kind: Kind
    /// When the log took it. Set by the log.
    package var time = Timestamp(milliseconds: 0)
    /// The grant's name.
    package var auditor: String?
    /// Who granted or revoked.
    package var by: String?
    package var grant: Grant?
    /// The client's address, as the connection has it.
    package var address: String?
    /// The path that was asked for.
    package var what: String?
    /// Of the answer, for a page.
    package var status: Int?
    /// What sets one retrieval apart.
    package var retrieval: String?
    /// First and last byte, where a part of a file was asked for.
    package var range: [Int]?
    /// That were handed to the network, headers not counted.
    package var bytes: Int?
    /// Whether all that was asked for was sent; false where it was cut.
    package var whole: Bool?

    package init(_ kind: Kind, auditor: String? = nil) {
        self.kind = kind
        self.auditor = auditor
    }
}
