internal import Archive
internal import Foundation
internal import GRDB
package import Webhooks

/// The index as it was at one moment. It is only valid within the call that passes it.
package struct IndexSnapshot {
    let db: Database
}

extension IndexSnapshot {
    /// Returns the archives, or the ledgers, of a selection, by path, which is by environment, business, and day.
    package func files(_ kind: IndexedFile.Kind, _ selection: Selection = Selection()) throws -> [IndexedFile] {
        var files: [IndexedFile] = []
        try forEachFile(kind, in: selection) { files.append($0) }
        return files
    }

    /// Calls `body` with each archive, or each ledger, of a selection, by path. Memory holds one of them.
    package func forEachFile(
        _ kind: IndexedFile.Kind, in selection: Selection = Selection(), _ body: (IndexedFile) throws -> Void
    ) throws {
        let (condition, arguments) = selection.condition
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM \(kind.rawValue) WHERE \(condition) ORDER BY path", arguments: arguments)
        while let row = try rows.next() { try body(file(row, kind)) }
    }

    /// Returns the compressed size of a selection's archives and ledgers, in bytes.
    package func gzipBytes(of selection: Selection) throws -> Int {
        let (condition, arguments) = selection.condition
        return try Int.fetchOne(
            db,
            sql: """
                SELECT (SELECT coalesce(sum(gzip_bytes), 0) FROM archives WHERE \(condition))
                  + (SELECT coalesce(sum(gzip_bytes), 0) FROM ledgers WHERE \(condition))
                """, arguments: arguments + arguments) ?? 0
    }

    /// Returns the days of an environment that have files in a selection, ascending.
    package func days(of environment: Environment, _ selection: Selection) throws -> [CivilDate] {
        var selection = selection
        selection.environment = environment
        let (condition, arguments) = selection.condition
        return try String.fetchAll(
            db,
            sql: """
                SELECT day FROM archives WHERE \(condition) UNION SELECT day FROM ledgers WHERE \(condition) ORDER BY day
                """, arguments: arguments + arguments
        ).compactMap { CivilDate($0) }
    }

    /// Returns the file at a path, or `nil` if no such file is known.
    package func file(_ kind: IndexedFile.Kind, path: String) throws -> IndexedFile? {
        // A sweep calls this for each of its files, most of which are new.
        let isKnown = try DirectStatement(db, "SELECT 1 FROM \(kind.rawValue) WHERE path = ?").first {
            $0.bind(1, text: path)
        } _: { _ in
            true
        }
        guard isKnown != nil else { return nil }
        return try row("SELECT * FROM \(kind.rawValue) WHERE path = ?", [path]).map { try file($0, kind) }
    }

    func row(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?]) throws -> Row? {
        let statement = try db.cachedStatement(sql: sql)
        return try Row.fetchOne(statement, arguments: StatementArguments(arguments))
    }

    func file(_ row: Row, _ kind: IndexedFile.Kind) throws -> IndexedFile {
        guard let environment = Environment(rawValue: row["environment"]), let day = CivilDate(row["day"] as String),
            let hash = ContentHash(hex: row["sha256"] as String)
        else { throw IndexError.corrupt(db.description, "a row of \(kind.rawValue) cannot be read") }
        return IndexedFile(
            kind: kind, row: row[kind.key], environment: environment,
            business: Business(row["business"]), day: day, path: row["path"],
            state: GzipState(
                lines: row["lines"], textBytes: row["text_bytes"], gzipBytes: row["gzip_bytes"], crc32: row["crc32"],
                hash: hash),
            firstSweep: row["first_sweep"], sweep: row["sweep"])
    }
}

extension IndexSnapshot {
    /// Returns the blocks of an archive, in order.
    package func blocks(of archive: IndexedFile) throws -> [IndexedBlock] {
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT * FROM blocks WHERE archive = ? ORDER BY first_line"),
            arguments: [archive.row]
        ).map(block)
    }

    func block(_ row: Row) throws -> IndexedBlock {
        guard let hash = ContentHash(bytes: row["sha256"] as Data) else {
            throw IndexError.corrupt(db.description, "a row of blocks cannot be read")
        }
        return IndexedBlock(
            firstLine: row["first_line"], offset: row["offset"],
            block: GzipBlock(
                lines: row["lines"], textBytes: row["text_bytes"], gzipBytes: row["gzip_bytes"], crc32: row["crc32"],
                hash: hash))
    }

    /// Returns the archives that contain an event with this id: at most two, one in each environment.
    func archives(holding id: DeliveryID, _ selection: Selection) throws -> [IndexedFile] {
        let (condition, arguments) = selection.condition
        return try Row.fetchAll(
            db,
            sql: """
                SELECT archives.* FROM events JOIN archives USING (archive)
                WHERE events.id = ? AND \(condition) ORDER BY path
                """,
            arguments: [id.description] + arguments
        ).map { try file($0, .archives) }
    }

    package struct IndexedRedelivery: Equatable, Sendable {
        package var id: DeliveryID
        package var time: Timestamp
        package var hash: ContentHash
        package var differing: Bool
    }

    /// Returns the redeliveries of an event, in the order in which sweeps found them.
    package func redeliveries(ofLine line: Int, in archive: IndexedFile) throws -> [IndexedRedelivery] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT redeliveries.* FROM redeliveries JOIN events USING (event)
                WHERE events.archive = ? AND events.line = ? ORDER BY redelivery
                """,
            arguments: [archive.row, line]
        ).map(redelivery)
    }

    func redelivery(_ row: Row) throws -> IndexedRedelivery {
        guard let id = DeliveryID(row["id"] as String), let hash = ContentHash(bytes: row["sha256"] as Data) else {
            throw IndexError.corrupt(db.description, "a row of redeliveries cannot be read")
        }
        return IndexedRedelivery(
            id: id, time: Timestamp(milliseconds: row["received"]), hash: hash, differing: row["differing"] != 0)
    }
}
