internal import Foundation
internal import GRDB

/// Texts in the order of their keys, in a temporary database: memory does not grow with their number.
package struct SortedTexts: Sendable {
    private let database: ScratchDatabase

    /// A text and what it is sorted by. Keys are compared by their bytes, and differ from one another.
    package struct Entry: Sendable {
        package let key: [UInt8]
        package let text: String

        package init(key: [UInt8], text: String) {
            self.key = key
            self.text = text
        }
    }

    package init() throws {
        database = try ScratchDatabase(
            "CREATE TABLE texts (key BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID", cache: 8192)
    }

    package func add(_ entries: [Entry]) throws {
        try database.write { db in
            let insert = try db.cachedStatement(sql: "INSERT INTO texts VALUES (?, ?)")
            for it in entries { try insert.execute(arguments: [Data(it.key), it.text]) }
        }
    }

    /// Returns the first `limit` texts whose keys are after `key`, in order.
    package func entries(after key: [UInt8], limit: Int) throws -> [Entry] {
        try database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT key, text FROM texts WHERE key > ? ORDER BY key LIMIT ?",
                arguments: [Data(key), limit]
            ).map { Entry(key: Array($0["key"] as Data), text: $0["text"]) }
        }
    }
}
