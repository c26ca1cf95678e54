internal import DurableFiles
internal import GRDB
internal import Synchronization

/// One snapshot of the index, read through several connections so that several threads can use it.
///
/// SQLite has no call for this that every build of it offers. So the connections begin to read one after another, and
/// if they do not all see the same last commit, they all begin again. (`PRAGMA data_version` would show commits too,
/// but it never settles for a reader without write permission for the folder.)
package final class SharedSnapshot: Sendable {
    private let queues: [DatabaseQueue]
    /// The number of connections that were handed out.
    private let taken = Mutex(0)
    /// Kept, since a temporary index lasts as long as this object.
    private let index: IndexDatabase
    private let path: String

    /// - Parameter connections: The number of connections, at least 1. Each is an open file with a separate
    ///   cache.
    package init(_ connections: Int, of index: IndexDatabase) throws {
        self.index = index
        path = index.path
        var configuration = IndexDatabase.configuration(readOnly: true)
        // Each thread goes through neighbouring pages once.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -2048") }
        // A connection keeps its snapshot from one call to the next.
        configuration.allowsUnsafeTransactions = true
        let (configurationOfAll, location) = (configuration, index.location)
        queues = try IndexDatabase.translating(path) {
            let queues = try (0..<connections).map { _ in
                try DatabaseQueue(path: location, configuration: configurationOfAll)
            }
            while true {
                let seen = try queues.map { queue in
                    try queue.inDatabase { db in
                        try db.beginTransaction(.deferred)
                        // The first query takes the snapshot.
                        return try String.fetchOne(db, sql: Self.lastCommit)
                    }
                }
                if Set(seen).count == 1 { return queues }
                for queue in queues { try queue.inDatabase { try $0.rollback() } }
            }
        }
    }

    /// The values that every commit to the index changes: the last sweep, its state, and the last seal.
    private static let lastCommit = """
        SELECT count(*) || ' ' || coalesce(max(sweep), 0) || ' ' || coalesce(sum(state = 'published'), 0)
          || ' ' || coalesce(sum(state = 'cleared'), 0) || ' ' || (SELECT count(*) FROM seals)
        FROM sweeps
        """

    /// One of the connections, for one thread at a time.
    package struct Reader: Sendable {
        fileprivate let queue: DatabaseQueue
        fileprivate let path: String

        package func read<Result>(_ body: (IndexSnapshot) throws -> Result) throws -> Result {
            try IndexDatabase.translating(path) { try queue.inDatabase { try body(IndexSnapshot(db: $0)) } }
        }
    }

    /// Returns a connection that no other thread has. There are as many as were asked for.
    package func reader() -> Reader {
        let number = taken.withLock { taken in
            taken += 1
            return taken - 1
        }
        precondition(number < queues.count, "more readers than connections")
        return Reader(queue: queues[number], path: path)
    }

    /// Makes all connections but the first `kept` available again, once the threads that had them have ended.
    package func takeBack(allBut kept: Int) { taken.withLock { $0 = kept } }
}
