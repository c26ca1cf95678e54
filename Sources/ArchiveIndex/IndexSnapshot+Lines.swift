package import Archive
internal import Foundation
internal import GRDB
package import Webhooks

extension IndexSnapshot {
    /// The index's row for an event.
    package struct IndexedEvent: Equatable, Sendable {
        /// The line number in its archive, starting at 0.
        package var line: Int
        package var id: DeliveryID
        package var time: Timestamp
        package var type: String
        /// The size of the payload, in bytes.
        package var size: Int
        /// The hash of the payload.
        package var hash: ContentHash
        /// The number of times it was redelivered.
        package var redeliveries: Int
        /// Why its line is gone, or `nil` if it is there.
        package var gone: Tombstone.Gone?
    }

    /// Returns some lines of an archive, in order.
    package func events(of archive: IndexedFile, lines: Range<Int>) throws -> [IndexedEvent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT *, (SELECT count(*) FROM redeliveries WHERE redeliveries.event = events.event) AS redeliveries,
                  (SELECT gone FROM tombstones WHERE tombstones.event = events.event) AS gone
                FROM events WHERE archive = ? AND line >= ? AND line < ? ORDER BY line
                """,
            arguments: [archive.row, lines.lowerBound, lines.upperBound]
        ).map(event)
    }

    /// Returns the first `limit` lines of an archive whose payload has this hash, in order.
    package func events(of archive: IndexedFile, hash: ContentHash, limit: Int) throws -> [IndexedEvent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT *, (SELECT count(*) FROM redeliveries WHERE redeliveries.event = events.event) AS redeliveries,
                  (SELECT gone FROM tombstones WHERE tombstones.event = events.event) AS gone
                FROM events WHERE archive = ? AND sha256 = ? ORDER BY line LIMIT ?
                """,
            arguments: [archive.row, Data(hash.bytes), limit]
        ).map(event)
    }

    /// Returns the positions of the events with an id: at most two, one in each environment.
    package func lines(holding id: DeliveryID) throws -> [(archive: IndexedFile, line: Int)] {
        var found: [(IndexedFile, Int)] = []
        try forEachMatch(of: EventQuery(ids: [id])) { archive, lines in found += lines.map { (archive, $0) } }
        return found
    }

    /// Returns the events that the delivery with this id repeats: at most two, one in each environment.
    package func events(repeatedBy id: DeliveryID) throws -> [DeliveryID] {
        try String.fetchAll(
            db,
            sql: "SELECT events.id FROM redeliveries JOIN events USING (event) WHERE redeliveries.id = ? ORDER BY 1",
            arguments: [id.description]
        ).compactMap { DeliveryID($0) }
    }

    private func event(_ row: Row) throws -> IndexedEvent {
        guard let id = DeliveryID(row["id"] as String), let hash = ContentHash(bytes: row["sha256"] as Data) else {
            throw IndexError.corrupt(db.description, "a row of events cannot be read")
        }
        return IndexedEvent(
            line: row["line"], id: id, time: Timestamp(milliseconds: row["received"]), type: row["type"],
            size: row["size"], hash: hash, redeliveries: row["redeliveries"],
            gone: (row["gone"] as String?).flatMap { Tombstone.Gone(rawValue: $0) })
    }

    /// Returns how many events of each type an archive contains, the most frequent first.
    package func types(of archive: IndexedFile) throws -> [(type: String, events: Int)] {
        try Row.fetchAll(
            db,
            sql:
                "SELECT type, count(*) AS events FROM events WHERE archive = ? GROUP BY type ORDER BY events DESC, type",
            arguments: [archive.row]
        ).map { ($0["type"], $0["events"]) }
    }

    /// Returns the first `limit` redeliveries in a ledger, by line, each with the event that it repeats.
    package func redeliveries(in ledger: IndexedFile, limit: Int) throws -> [(
        again: IndexedRedelivery, event: DeliveryID
    )] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT redeliveries.*, events.id AS of FROM redeliveries JOIN events USING (event)
                WHERE ledger = ? ORDER BY redeliveries.line LIMIT ?
                """,
            arguments: [ledger.row, limit]
        ).map { row in
            guard let of = DeliveryID(row["of"] as String) else {
                throw IndexError.corrupt(db.description, "a row of redeliveries cannot be read")
            }
            return (try redelivery(row), of)
        }
    }

    /// Returns some blocks of an archive in order, starting with the one that begins at a line.
    package func blocks(of archive: IndexedFile, fromLine line: Int, limit: Int) throws -> [IndexedBlock] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM blocks WHERE archive = ? AND first_line >= ? ORDER BY first_line LIMIT ?",
            arguments: [archive.row, line, limit]
        ).map(block)
    }

    /// Returns the first block of an archive that contains bytes of the file at or after `offset`.
    package func block(of archive: IndexedFile, atByte offset: Int) throws -> IndexedBlock? {
        try row(
            "SELECT * FROM blocks WHERE archive = ? AND offset + gzip_bytes > ? ORDER BY first_line LIMIT 1",
            [archive.row, offset]
        ).map(block)
    }

    /// Returns the block of an archive that contains a line.
    package func block(of archive: IndexedFile, holding line: Int) throws -> IndexedBlock? {
        try row(
            "SELECT * FROM blocks WHERE archive = ? AND first_line <= ? ORDER BY first_line DESC LIMIT 1",
            [archive.row, line]
        ).map(block).flatMap { $0.lines.contains(line) ? $0 : nil }
    }
}
