package import Archive
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
              gzip_before INTEGER, lines INTEGER, text INTEGER, gzip INTEGER, sha256 BLOB, sha256_before BLOB,
              PRIMARY KEY (day, path, sweep)) WITHOUT ROWID
            """, cache: 4096)
    }

    /// Adds all states of a record.
    package func add(_ reader: RecordReader) throws {
        var reader = reader
        let sweep = reader.record.sweep
        try database.write { db in
            let insert = try DirectStatement(db, "INSERT INTO states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            while let it = try reader.next() {
                try insert.run {
                    $0.bind(1, text: Self.day(of: it.path))
                    $0.bind(2, text: it.path)
                    $0.bind(3, sweep)
                    $0.bind(4, it.before)
                    $0.bind(7, it.after)
                    $0.bind(10, it.hash)
                    $0.bind(11, it.hashBefore)
                }
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
            try DirectStatement(db, "SELECT \(Self.columns) FROM states ORDER BY day, path, sweep").forEach { _ in
            } _: { row in
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
            var states: [State] = []
            try DirectStatement(
                db, "SELECT \(Self.columns) FROM states WHERE day = ? AND path = ? ORDER BY sweep"
            ).forEach {
                $0.bind(1, text: Self.day(of: path))
                $0.bind(2, text: path)
            } _: {
                states.append(try Self.state($0))
            }
            return states
        }
    }

    /// Returns the states of all files of a day by path, ascending.
    package func states(_ environment: Environment, _ day: CivilDate) throws -> [String: [State]] {
        try database.read { db in
            var files: [String: [State]] = [:]
            try DirectStatement(db, "SELECT \(Self.columns) FROM states WHERE day = ? ORDER BY path, sweep").forEach {
                $0.bind(1, text: Self.day(environment, day))
            } _: {
                let state = try Self.state($0)
                files[state.change.path, default: []].append(state)
            }
            return files
        }
    }

    private static let columns = """
        sweep, path, lines_before, text_before, gzip_before, lines, text, gzip, sha256, sha256_before
        """

    private static func state(_ row: DirectStatement.Columns) throws -> State {
        guard let path = row.text(1), let hash = row.hash(8) else {
            throw IndexError.corrupt("the table of states", "a row cannot be read")
        }
        return State(
            sweep: Int(row.int(0)),
            change: FileChange(
                path: path, before: row.lengths(2), after: row.lengths(5), hash: hash, hashBefore: row.hash(9)))
    }
}

extension DirectStatement.Binding {
    /// Binds three parameters: lines, and the sizes of the text and of the compressed file.
    fileprivate func bind(_ place: Int32, _ lengths: FileChange.Lengths) {
        bind(place, lengths.lines)
        bind(place + 1, lengths.text)
        bind(place + 2, lengths.gzip)
    }
}

extension DirectStatement.Columns {
    /// The values of three columns, as they were bound.
    fileprivate func lengths(_ column: Int32) -> FileChange.Lengths {
        FileChange.Lengths(lines: Int(int(column)), text: Int(int(column + 1)), gzip: Int(int(column + 2)))
    }
}
