internal import Archive
internal import DurableFiles
internal import GRDB
internal import Synchronization

/// One snapshot of the index, seen through several connections, so that several threads can read it.
///
/// SQLite has no call for this that every build of it offers. So the connections begin to read one after another, and
/// where another process has committed meanwhile (`PRAGMA data_version`, which a connection of its own is asked), they
/// all begin again.
final class SharedSnapshot: Sendable {
    private let free: Mutex<[DatabaseQueue]>
    private let path: String

    /// - Parameter connections: at least 1; each is an open file, and has a cache of its own.
    init(_ connections: Int, of archive: ArchiveFolder) throws {
        path = archive.root.path(of: IndexDatabase.fileName)
        var configuration = IndexDatabase.configuration(readOnly: true)
        // A connection keeps its snapshot from one call to the next.
        configuration.allowsUnsafeTransactions = true
        let (configurationOfAll, path) = (configuration, path)
        let queues = try IndexDatabase.translating(path) {
            let witness = try DatabaseQueue(path: path, configuration: configurationOfAll)
            let queues = try (0..<connections).map { _ in
                try DatabaseQueue(path: path, configuration: configurationOfAll)
            }
            func version() throws -> Int? {
                try witness.inDatabase { try Int.fetchOne($0, sql: "PRAGMA data_version") }
            }
            while true {
                let before = try version()
                for queue in queues {
                    try queue.inDatabase { db in
                        try db.beginTransaction(.deferred)
                        // The snapshot is taken with the first look.
                        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
                    }
                }
                if try version() == before { return queues }
                for queue in queues { try queue.inDatabase { try $0.rollback() } }
            }
        }
        free = Mutex(queues)
    }

    /// One of the connections, for one thread at a time.
    struct Reader: Sendable {
        fileprivate let queue: DatabaseQueue
        fileprivate let path: String

        func read<Result>(_ body: (IndexSnapshot) throws -> Result) throws -> Result {
            try IndexDatabase.translating(path) { try queue.inDatabase { try body(IndexSnapshot(db: $0)) } }
        }
    }

    /// A connection that nobody else has got. There are as many as were asked for.
    func reader() -> Reader {
        let queue = free.withLock { $0.popLast() }
        guard let queue else { preconditionFailure("more readers than connections") }
        return Reader(queue: queue, path: path)
    }
}
