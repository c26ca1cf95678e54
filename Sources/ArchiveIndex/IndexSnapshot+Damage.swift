internal import Archive
internal import GRDB
internal import Webhooks

extension IndexSnapshot {
    /// Returns what could not be read when the index was rebuilt, by path.
    package func damage() throws -> [IndexedDamage] { try damage(where: "1") }

    /// Returns what of a file could not be read when the index was rebuilt.
    package func damage(to file: IndexedFile) throws -> [IndexedDamage] {
        try damage(where: "path = ?", [file.path])
    }

    private func damage(where condition: String, _ arguments: StatementArguments = []) throws -> [IndexedDamage] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM damage WHERE \(condition) ORDER BY path, first_line", arguments: arguments
        ).map { row in
            let first: Int? = row["first_line"]
            let count: Int? = row["lines"]
            return IndexedDamage(
                path: row["path"], lines: first.flatMap { first in count.map { first..<(first + $0) } },
                cause: row["cause"])
        }
    }

    /// Returns the damage to files of a selection.
    package func damage(in selection: Selection) throws -> [IndexedDamage] {
        let segments = Set(selection.businesses.map(\.segment))
        return try damage().filter { damage in
            guard let parts = ArchivePath.parse(damage.path) else { return false }
            return selection.environment ?? parts.environment == parts.environment
                && (segments.isEmpty || segments.contains(parts.segment))
                && selection.from ?? parts.day <= parts.day && parts.day <= selection.to ?? parts.day
        }
    }
}

extension IndexTransaction {
    func add(_ damage: IndexedDamage) throws {
        try db.execute(
            sql: "INSERT INTO damage VALUES (?, ?, ?, ?)",
            arguments: [damage.path, damage.lines?.lowerBound, damage.lines?.count, damage.cause])
    }
}
