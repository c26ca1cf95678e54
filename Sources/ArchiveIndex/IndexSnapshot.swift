package import Archive
internal import Foundation
internal import GRDB
package import Webhooks

/// The index as it was at one moment. Only valid within the call that gave it.
package struct IndexSnapshot {
    let db: Database
}

/// A compressed file as the index knows it.
package struct IndexedFile: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case archives, ledgers

        /// The column of its row.
        var key: String { self == .archives ? "archive" : "ledger" }
    }

    package var kind: Kind
    package var row: Int64
    package var environment: Environment
    package var business: Business
    package var day: CivilDate
    package var path: String
    package var state: GzipState
    package var firstSweep: Int
    /// The last that added lines.
    package var sweep: Int

    package var reference: GzipReference { GzipReference(path: path, state: state, sweep: sweep) }

    package init(
        kind: Kind, row: Int64, environment: Environment, business: Business, day: CivilDate, path: String,
        state: GzipState, firstSweep: Int, sweep: Int
    ) {
        self.kind = kind
        self.row = row
        self.environment = environment
        self.business = business
        self.day = day
        self.path = path
        self.state = state
        self.firstSweep = firstSweep
        self.sweep = sweep
    }
}

/// Which archives a command is about. What is nil does not narrow.
package struct Selection: Sendable {
    package var environment: Environment?
    package var business: Business?
    package var from: CivilDate?
    package var to: CivilDate?

    package init(
        environment: Environment? = nil, business: Business? = nil, from: CivilDate? = nil, to: CivilDate? = nil
    ) {
        self.environment = environment
        self.business = business
        self.from = from
        self.to = to
    }

    /// As an SQL condition on the columns that archives and ledgers share.
    var condition: (sql: String, arguments: StatementArguments) {
        var terms = ["1"]
        var arguments: [(any DatabaseValueConvertible)?] = []
        if let environment {
            terms.append("environment = ?")
            arguments.append(environment.rawValue)
        }
        if let business {
            terms.append("business IS ?")
            arguments.append(business.name)
        }
        if let from {
            terms.append("day >= ?")
            arguments.append(from.description)
        }
        if let to {
            terms.append("day <= ?")
            arguments.append(to.description)
        }
        return (terms.joined(separator: " AND "), StatementArguments(arguments))
    }
}

extension IndexSnapshot {
    /// The archives, or ledgers, of a selection, by path: so by environment, business and day.
    package func files(_ kind: IndexedFile.Kind, _ selection: Selection = Selection()) throws -> [IndexedFile] {
        let (condition, arguments) = selection.condition
        return try Row.fetchAll(
            db, sql: "SELECT * FROM \(kind.rawValue) WHERE \(condition) ORDER BY path", arguments: arguments
        ).map { try file($0, kind) }
    }

    /// nil where no such file is known.
    package func file(_ kind: IndexedFile.Kind, path: String) throws -> IndexedFile? {
        // A sweep asks for each of its files, most of which are new.
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
        else { throw IndexError.corrupt(db.description, "a row of \(kind.rawValue) does not read") }
        return IndexedFile(
            kind: kind, row: row[kind.key], environment: environment,
            business: Business(row["business"]), day: day, path: row["path"],
            state: GzipState(
                lines: row["lines"], textBytes: row["text_bytes"], gzipBytes: row["gzip_bytes"], crc32: row["crc32"],
                hash: hash),
            firstSweep: row["first_sweep"], sweep: row["sweep"])
    }
}

/// A block and its position.
package struct IndexedBlock: Equatable, Sendable {
    package var firstLine: Int
    /// Of its first compressed byte in the file.
    package var offset: Int
    package var block: GzipBlock

    package var lines: Range<Int> { firstLine..<(firstLine + block.lines) }

    package init(firstLine: Int, offset: Int, block: GzipBlock) {
        self.firstLine = firstLine
        self.offset = offset
        self.block = block
    }
}

extension IndexSnapshot {
    /// The blocks of an archive, in order.
    package func blocks(of archive: IndexedFile) throws -> [IndexedBlock] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM blocks WHERE archive = ? ORDER BY first_line", arguments: [archive.row]
        ).map(block)
    }

    func block(_ row: Row) throws -> IndexedBlock {
        guard let hash = ContentHash(bytes: row["sha256"] as Data) else {
            throw IndexError.corrupt(db.description, "a row of blocks does not read")
        }
        return IndexedBlock(
            firstLine: row["first_line"], offset: row["offset"],
            block: GzipBlock(
                lines: row["lines"], textBytes: row["text_bytes"], gzipBytes: row["gzip_bytes"], crc32: row["crc32"],
                hash: hash))
    }

    /// The archives that hold an event of this id: two at most, one an environment.
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

    /// The lines of an archive that hold an event of this type and this id, ascending. What is nil does not narrow.
    func lines(of archive: IndexedFile, type: String?, id: DeliveryID?) throws -> [Int] {
        var terms = ["archive = ?"]
        var arguments: [(any DatabaseValueConvertible)?] = [archive.row]
        if let id {
            terms.append("id = ?")
            // The few of this id are found by it; in a large archive, not by going through its lines.
            terms[0] = "+archive = ?"
            arguments.append(id.description)
        }
        if let type {
            terms.append("type = ?")
            arguments.append(type)
        }
        return try Int.fetchAll(
            db, sql: "SELECT line FROM events WHERE \(terms.joined(separator: " AND ")) ORDER BY line",
            arguments: StatementArguments(arguments))
    }

    package struct IndexedRedelivery: Equatable, Sendable {
        package var id: DeliveryID
        package var time: Timestamp
        package var hash: ContentHash
        package var differing: Bool
    }

    /// The redeliveries of an event, in the order in which sweeps found them.
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
            throw IndexError.corrupt(db.description, "a row of redeliveries does not read")
        }
        return IndexedRedelivery(
            id: id, time: Timestamp(milliseconds: row["received"]), hash: hash, differing: row["differing"] == 1)
    }
}
