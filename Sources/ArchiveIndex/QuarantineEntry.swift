package import Archive
package import Webhooks

/// A quarantined delivery and the decision on it.
package struct QuarantineEntry: Equatable, Sendable {
    package enum State: String, Codable, Sendable { case held, released, discarded }

    package var environment: Environment
    package var day: CivilDate
    package var line: LedgerLine.Quarantine
    package var state: State
    package var decidedBy: String?
    package var decidedAt: String?
}
