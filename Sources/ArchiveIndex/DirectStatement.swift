internal import Archive
internal import GRDB
internal import GRDBSQLite
internal import Webhooks

/// A statement that is run for each delivery or file. It calls SQLite directly: GRDB would allocate a value for each
/// column of each row, at several times the cost of the row.
struct DirectStatement {
    private let db: Database
    private let owner: Statement
    private let statement: OpaquePointer

    /// - Parameter sql: The statement, which is prepared once for each connection.
    init(_ db: Database, _ sql: String) throws {
        self.db = db
        owner = try db.cachedStatement(sql: sql)
        statement = owner.sqliteStatement
    }

    /// Binds values to parameters by position, starting at 1.
    struct Binding {
        fileprivate let statement: OpaquePointer

        func bind(_ place: Int32, _ value: Int64) { sqlite3_bind_int64(statement, place, value) }
        func bind(_ place: Int32, _ value: Int64?) {
            if let value { bind(place, value) } else { sqlite3_bind_null(statement, place) }
        }
        func bind(_ place: Int32, _ value: Int) { sqlite3_bind_int64(statement, place, Int64(value)) }

        func bind(_ place: Int32, text value: String?) {
            guard var value else {
                sqlite3_bind_null(statement, place)
                return
            }
            value.withUTF8 { text in
                text.withMemoryRebound(to: CChar.self) {
                    _ = sqlite3_bind_text(statement, place, $0.baseAddress, CInt($0.count), Self.transient)
                }
            }
        }

        func bind(_ place: Int32, _ value: DeliveryID) {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: DeliveryID.textCount) { text in
                value.write(to: text)
                text.withMemoryRebound(to: CChar.self) {
                    _ = sqlite3_bind_text(statement, place, $0.baseAddress, CInt($0.count), Self.transient)
                }
            }
        }

        func bind(_ place: Int32, _ value: ContentHash?) {
            guard let value else {
                sqlite3_bind_null(statement, place)
                return
            }
            value.withBytes { _ = sqlite3_bind_blob(statement, place, $0.baseAddress, CInt($0.count), Self.transient) }
        }

        func bind(_ place: Int32, _ value: Fingerprint) {
            value.withBytes { _ = sqlite3_bind_blob(statement, place, $0.baseAddress, CInt($0.count), Self.transient) }
        }

        /// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite copies the bound value.
        private static var transient: sqlite3_destructor_type? { unsafeBitCast(-1, to: sqlite3_destructor_type?.self) }
    }

    /// The current row, with columns numbered from 0.
    struct Columns {
        fileprivate let statement: OpaquePointer

        func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

        /// Returns the text of a column, or `nil` if it is NULL.
        func text(_ column: Int32) -> String? { sqlite3_column_text(statement, column).map { String(cString: $0) } }

        /// The bytes of a text or blob column, valid until the next row; empty if the column is NULL.
        func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
            let start = sqlite3_column_blob(statement, column)
            return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
        }

        func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

        func hash(_ column: Int32) -> ContentHash? { ContentHash(bytes: bytes(column)) }
        func id(_ column: Int32) -> DeliveryID? { DeliveryID(utf8: bytes(column).assumingMemoryBound(to: UInt8.self)) }
    }

    /// Runs a statement that returns no row.
    func run(_ bind: (Binding) -> Void) throws {
        try forEach(bind) { _ in }
    }

    /// Returns what `read` makes of the first row, or `nil` if there is no row.
    func first<Result>(_ bind: (Binding) -> Void, _ read: (Columns) throws -> Result) throws -> Result? {
        bind(Binding(statement: statement))
        defer { sqlite3_reset(statement) }
        return try step() ? read(Columns(statement: statement)) : nil
    }

    /// Calls `read` for every row.
    func forEach(_ bind: (Binding) -> Void, _ read: (Columns) throws -> Void) throws {
        bind(Binding(statement: statement))
        defer { sqlite3_reset(statement) }
        while try step() { try read(Columns(statement: statement)) }
    }

    /// Returns the rows one at a time. Do not run the statement again before the rows are released.
    func rows(_ bind: (Binding) -> Void) -> Rows {
        bind(Binding(statement: statement))
        return Rows(statement: self)
    }

    struct Rows: ~Copyable {
        fileprivate let statement: DirectStatement
        private var isAtEnd = false

        fileprivate init(statement: DirectStatement) { self.statement = statement }

        /// Returns the next row, or `nil` after the last.
        mutating func next() throws -> Columns? {
            if isAtEnd { return nil }
            isAtEnd = try !statement.step()
            return isAtEnd ? nil : Columns(statement: statement.statement)
        }

        deinit { sqlite3_reset(statement.statement) }
    }

    /// Returns whether there is another row, after moving to it.
    private func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
        }
    }
}
