package import Archive
internal import Foundation
internal import GRDB
package import Webhooks

extension IndexSnapshot {
    /// Returns the last quarantine of a delivery, or `nil` if it was never quarantined.
    package func quarantine(_ id: DeliveryID, in environment: Environment) throws -> LedgerLine.Quarantine? {
        try quarantine("id = ? AND environment = ?", [id.description, environment.rawValue]).last?.line
    }

    /// Returns the quarantines of a delivery, in either environment, in the order of the sweeps that made them.
    package func quarantine(_ id: DeliveryID) throws -> [QuarantineEntry] {
        try quarantine("id = ?", [id.description])
    }

    /// Returns the quarantines in a selection's environment and days of receipt.
    package func quarantine(_ selection: Selection) throws -> [QuarantineEntry] {
        let (condition, arguments) = Selection(
            environment: selection.environment, from: selection.from, to: selection.to
        ).condition
        return try quarantine(condition, arguments)
    }

    private func quarantine(_ condition: String, _ arguments: StatementArguments) throws -> [QuarantineEntry] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT quarantine.*, environment, day FROM quarantine JOIN ledgers USING (ledger)
                WHERE \(condition) ORDER BY entry
                """,
            arguments: arguments
        ).map { row in
            guard let environment = Environment(rawValue: row["environment"]),
                let day = CivilDate(row["day"] as String),
                let id = DeliveryID(row["id"] as String), let hash = ContentHash(bytes: row["sha256"] as Data),
                let state = QuarantineEntry.State(rawValue: row["state"])
            else { throw IndexError.corrupt(db.description, "a row of quarantine cannot be read") }
            return QuarantineEntry(
                environment: environment, day: day,
                line: LedgerLine.Quarantine(
                    id: id, time: Timestamp(milliseconds: row["received"]), hash: hash, size: row["size"],
                    reason: row["reason"], at: row["at"]),
                state: state, decidedBy: row["decided_by"], decidedAt: row["decided_at"])
        }
    }
}
