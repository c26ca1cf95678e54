internal import AccessLog

/// An auditor who was admitted.
struct Visitor {
    let auditor: Auditors.Auditor
    /// The session, or `nil` for an auditor who came with a token.
    let cookie: String?
    var name: String { auditor.grant.name }
}
