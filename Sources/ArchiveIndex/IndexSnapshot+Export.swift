internal import GRDB
package import Webhooks

extension IndexSnapshot {
    /// Returns the time at which the last delivery in a file was received.
    package func newestReceipt(in file: IndexedFile) throws -> Timestamp {
        let sql =
            switch file.kind {
            case .archives: "SELECT max(received) FROM events WHERE archive = ?1"
            case .ledgers:
                """
                SELECT max(received) FROM (SELECT received FROM redeliveries WHERE ledger = ?1
                  UNION ALL SELECT received FROM quarantine WHERE ledger = ?1)
                """
            }
        return Timestamp(milliseconds: try Int64.fetchOne(db, sql: sql, arguments: [file.row]) ?? 0)
    }
}
