internal import GRDB
package import Webhooks

/// The events among deliveries that stay in the spool, each with the number of the file that it waits for. They are in a
/// temporary database, so memory does not grow with their number.
package struct BlockedEvents: Sendable {
    /// `nil` until there is an event.
    private var database: ScratchDatabase?

    package init() {}

    package mutating func add(_ fingerprint: Fingerprint, at time: Timestamp, of file: Int) throws {
        let database = try self.database ?? Self.makeDatabase()
        self.database = database
        try database.write { db in
            try DirectStatement(db, "INSERT OR IGNORE INTO events VALUES (?, ?, ?)").run {
                $0.bind(1, fingerprint)
                $0.bind(2, time.milliseconds)
                $0.bind(3, file)
            }
        }
    }

    /// Returns the file of an event with this fingerprint that was received within the window, in milliseconds, or `nil` if
    /// there is none.
    package func file(of fingerprint: Fingerprint, near time: Timestamp, within window: Int64) throws -> Int? {
        try database?.read { db in
            try DirectStatement(
                db, "SELECT file FROM events WHERE fingerprint = ? AND received BETWEEN ? AND ? LIMIT 1"
            ).first {
                $0.bind(1, fingerprint)
                $0.bind(2, time.milliseconds - window)
                $0.bind(3, time.milliseconds + window)
            } _: {
                Int($0.int(0))
            }
        }
    }

    private static func makeDatabase() throws -> ScratchDatabase {
        try ScratchDatabase(
            """
            CREATE TABLE events (fingerprint BLOB, received INTEGER, file INTEGER, PRIMARY KEY (fingerprint, received))
              WITHOUT ROWID
            """, cache: 2048)
    }
}
