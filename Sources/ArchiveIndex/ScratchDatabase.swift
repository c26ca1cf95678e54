internal import DurableFiles
internal import GRDB

/// A temporary database, for what may not fit into memory. Nothing of it outlives the process.
struct ScratchDatabase: Sendable {
    private let queue: DatabaseQueue
    /// Its files last as long as this object.
    private let scratch: ScratchFolder
    private let path: String

    /// - Parameters:
    ///   - schema: The statements that create its tables.
    ///   - cache: The limit of its page cache in memory, in KiB.
    init(_ schema: String, cache: Int) throws {
        scratch = try ScratchFolder()
        path = scratch.folder.path(of: "scratch.sqlite")
        let path = path
        queue = try IndexDatabase.translating(path) {
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { db in
                try db.execute(
                    sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -\(cache)")
                try db.execute(sql: schema)
            }
            return queue
        }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try IndexDatabase.translating(path) { try queue.read(body) }
    }

    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try IndexDatabase.translating(path) { try queue.write(body) }
    }
}
