internal import DurableFiles
internal import Foundation
internal import GRDB

/// Texts in the order of their keys, in a temporary database: memory does not grow with their number.
package final class SortedTexts: Sendable {
    private let queue: DatabaseQueue
    private let scratch: ScratchFolder
    private let path: String

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
        scratch = try ScratchFolder()
        path = scratch.folder.path(of: "texts.sqlite")
        let path = path
        queue = try IndexDatabase.translating(path) {
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { db in
                // Nothing of it outlives the process.
                try db.execute(
                    sql: """
                        PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192;
                        CREATE TABLE texts (key BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID
                        """)
            }
            return queue
        }
    }

    package func add(_ entries: [Entry]) throws {
        try IndexDatabase.translating(path) {
            try queue.write { db in
                let insert = try db.cachedStatement(sql: "INSERT INTO texts VALUES (?, ?)")
                for it in entries { try insert.execute(arguments: [Data(it.key), it.text]) }
            }
        }
    }

    /// Returns the first `limit` texts whose keys are after `key`, in order.
    package func entries(after key: [UInt8], limit: Int) throws -> [Entry] {
        try IndexDatabase.translating(path) {
            try queue.read { db in
                try Row.fetchAll(
                    db, sql: "SELECT key, text FROM texts WHERE key > ? ORDER BY key LIMIT ?",
                    arguments: [Data(key), limit]
                ).map { Entry(key: Array($0["key"] as Data), text: $0["text"]) }
            }
        }
    }
}
