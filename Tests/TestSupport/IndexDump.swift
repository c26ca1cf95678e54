internal import GRDB

/// All that a SQLite database says: its schema and every row of every table, a line each.
///
/// Row ids show as the columns that they are; rows go by their keys, as `.dump` of sqlite3 has them.
package func dump(database path: String) throws -> [String] {
    var configuration = Configuration()
    configuration.readonly = true
    return try DatabaseQueue(path: path, configuration: configuration).read { db in
        let schema = try Row.fetchAll(db, sql: "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
        var lines = schema.map { "\($0)" }
        for table in schema where table["type"] == "table" && table["name"] != "grdb_migrations" {
            let name: String = table["name"]
            lines += try Row.fetchAll(db, sql: "SELECT * FROM \(name)").map { "\(name) \($0)" }
        }
        return lines
    }
}

/// Changes a SQLite database behind its owner's back.
package func execute(_ sql: String, database path: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    try DatabaseQueue(path: path, configuration: configuration).write { try $0.execute(sql: sql) }
}
