package import Archive
internal import GRDB
package import Webhooks

extension IndexTransaction {
    /// Adds who decided what a record did, and what it did to days and holds.
    func addDecision(_ record: SweepRecord) throws {
        if let by = record.by {
            try run("INSERT INTO decisions VALUES (?, ?, ?)", [record.sweep, by, record.reason ?? ""])
        }
        if record.kind == .prune {
            for day in record.days {
                // A rebuild counts the files later.
                try run(
                    "INSERT OR IGNORE INTO pruned_days VALUES (?, ?, ?, 0, 0)",
                    [day.environment.rawValue, day.day, record.sweep])
            }
        }
        if let hold = record.hold {
            try run(
                "INSERT INTO holds VALUES (?, ?, ?, ?, ?, ?, NULL)",
                [
                    record.sweep, hold.environment?.rawValue, hold.business, hold.unassigned == true ? 1 : 0,
                    hold.from, hold.to,
                ])
        }
        if let hold = record.releasedHold {
            try run("UPDATE holds SET released = ? WHERE sweep = ?", [record.sweep, hold])
        }
    }

    /// Records that a file was written again, with other blocks.
    package func rewrite(_ file: IndexedFile, blocks: [GzipBlock]) throws {
        try update(file)
        guard file.kind == .archives else { return }
        try run("DELETE FROM blocks WHERE archive = ?", [file.row])
        try add(blocks, to: file.row, firstLine: 0, offset: GzipMember.header.count)
    }

    /// Records that a line of an archive is gone.
    package func addTombstone(_ gone: Tombstone.Gone, ofLine line: Int, in archive: IndexedFile, sweep: Int) throws {
        try run(
            "INSERT OR REPLACE INTO tombstones SELECT event, ?, ? FROM events WHERE archive = ? AND line = ?",
            [gone.rawValue, sweep, archive.row, line])
    }

    /// Records that the payload of a redelivery, which differed from its event's, is gone.
    package func removePayload(ofRedelivery line: Int, in ledger: IndexedFile) throws {
        try run("UPDATE redeliveries SET differing = 2 WHERE ledger = ? AND line = ?", [ledger.row, line])
    }

    /// Removes the files of a day, and their lines. Redeliveries on other days, of events on this one, remain.
    package func prune(_ environment: Environment, _ day: CivilDate, sweep: Int) throws {
        try run(
            """
            INSERT INTO pruned_days SELECT ?1, ?2, ?3,
              (SELECT count(*) FROM archives WHERE environment = ?1 AND day = ?2),
              (SELECT count(*) FROM ledgers WHERE environment = ?1 AND day = ?2)
            """, [environment.rawValue, day.description, sweep])
        let arguments: StatementArguments = [environment.rawValue, day.description]
        let archives = "(SELECT archive FROM archives WHERE environment = ? AND day = ?)"
        let ledgers = "(SELECT ledger FROM ledgers WHERE environment = ? AND day = ?)"
        func execute(_ sql: String) throws { try db.execute(sql: sql, arguments: arguments) }
        for files in ["archives", "ledgers"] {
            try execute(
                "DELETE FROM damage WHERE path IN (SELECT path FROM \(files) WHERE environment = ? AND day = ?)")
        }
        try execute("DELETE FROM quarantine WHERE ledger IN \(ledgers)")
        try execute("DELETE FROM redeliveries WHERE ledger IN \(ledgers)")
        let events = "(SELECT event FROM events WHERE archive IN \(archives))"
        try execute("UPDATE redeliveries SET event = 0 WHERE event IN \(events)")
        try execute("DELETE FROM tombstones WHERE event IN \(events)")
        try execute("DELETE FROM events WHERE archive IN \(archives)")
        try execute("DELETE FROM blocks WHERE archive IN \(archives)")
        try execute("DELETE FROM archives WHERE environment = ? AND day = ?")
        try execute("DELETE FROM ledgers WHERE environment = ? AND day = ?")
    }
}
