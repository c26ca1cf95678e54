package import Archive
internal import GRDB
package import Webhooks

/// The states of all files as the records have them, in a temporary database: memory does not grow with the archive.
package struct RecordedStates: Sendable {
    private let database: ScratchDatabase

    /// A state that a sweep recorded for a file.
    package struct State: Equatable, Sendable {
        package let sweep: Int
        package let change: FileChange
    }

    package init() throws {
        database = try ScratchDatabase(
            """
            CREATE TABLE states (day TEXT, path TEXT, sweep INTEGER, lines_before INTEGER, text_before INTEGER,
              gzip_before INTEGER, lines INTEGER, text INTEGER, gzip INTEGER, sha256 TEXT, sha256_before TEXT,
              PRIMARY KEY (day, path, sweep)) WITHOUT ROWID
            """, cache: 4096)
    }

    /// Adds all states of a record.
    package func add(_ reader: RecordReader) throws {
        var reader = reader
        let sweep = reader.record.sweep
        try database.write { db in
            let insert = try db.cachedStatement(sql: "INSERT INTO states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            while let it = try reader.next() {
                try insert.execute(arguments: [
                    Self.day(of: it.path), it.path, sweep, it.before.lines, it.before.text, it.before.gzip,
                    it.after.lines, it.after.text, it.after.gzip,
                    it.hash.description, it.hashBefore?.description,
                ])
            }
        }
    }

    /// Files are kept by environment and day, since that is how they are checked.
    private static func day(of path: String) -> String {
        ArchivePath.parse(path).map { day($0.environment, $0.day) } ?? ""
    }

    private static func day(_ environment: Environment, _ day: CivilDate) -> String { "\(environment) \(day)" }

    /// Calls `body` with each file and its states, ascending, by environment, day, and path. Memory holds the states of one
    /// file.
    package func forEachFile(_ body: (_ path: String, _ states: [State]) throws -> Void) throws {
        try database.read { db in
            var states: [State] = []
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM states ORDER BY day, path, sweep")
            while let row = try rows.next() {
                let state = try Self.state(row)
                if let path = states.last?.change.path, path != state.change.path {
                    try body(path, states)
                    states.removeAll(keepingCapacity: true)
                }
                states.append(state)
            }
            if let path = states.last?.change.path { try body(path, states) }
        }
    }

    /// Returns the states of a file, ascending.
    package func states(of path: String) throws -> [State] {
        try database.read { db in
            let select = try db.cachedStatement(
                sql: "SELECT * FROM states WHERE day = ? AND path = ? ORDER BY sweep")
            return try Row.fetchAll(select, arguments: [Self.day(of: path), path]).map(Self.state)
        }
    }

    /// Returns the states of all files of a day by path, ascending.
    package func states(_ environment: Environment, _ day: CivilDate) throws -> [String: [State]] {
        try database.read { db in
            var files: [String: [State]] = [:]
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM states WHERE day = ? ORDER BY path, sweep",
                arguments: [Self.day(environment, day)])
            while let row = try rows.next() {
                let state = try Self.state(row)
                files[state.change.path, default: []].append(state)
            }
            return files
        }
    }

    private static func state(_ row: Row) throws -> State {
        guard let hash = ContentHash(hex: row["sha256"] as String) else {
            throw IndexError.corrupt("the table of states", "a row cannot be read")
        }
        return State(
            sweep: row["sweep"],
            change: FileChange(
                path: row["path"],
                before: .init(lines: row["lines_before"], text: row["text_before"], gzip: row["gzip_before"]),
                after: .init(lines: row["lines"], text: row["text"], gzip: row["gzip"]), hash: hash,
                hashBefore: (row["sha256_before"] as String?).flatMap { ContentHash(hex: $0) }))
    }
}
