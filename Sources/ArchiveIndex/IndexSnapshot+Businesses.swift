package import Archive
internal import GRDB
package import Webhooks

extension IndexSnapshot {
    /// The archives of one business in one environment, summed.
    package struct BusinessSpan: Equatable, Sendable {
        package var environment: Environment
        package var business: Business
        package var firstDay: CivilDate
        package var lastDay: CivilDate
        package var days: Int
        package var events: Int
        /// The compressed size of its archives, in bytes.
        package var gzipBytes: Int
    }

    /// Returns the businesses that have archives in a selection, by name and environment. Unassigned events come
    /// first.
    package func businesses(_ selection: Selection, limit: Int, offset: Int = 0) throws -> [BusinessSpan] {
        let (condition, arguments) = selection.condition
        return try Row.fetchAll(
            db,
            sql: """
                SELECT environment, business, min(day) AS first_day, max(day) AS last_day, count(*) AS days,
                  sum(lines) AS events, sum(gzip_bytes) AS gzip_bytes
                FROM archives WHERE \(condition) GROUP BY business, environment ORDER BY business, environment
                LIMIT ? OFFSET ?
                """,
            arguments: arguments + [limit, offset]
        ).map { row in
            guard let environment = Environment(rawValue: row["environment"]),
                let first = CivilDate(row["first_day"] as String), let last = CivilDate(row["last_day"] as String)
            else { throw IndexError.corrupt(db.description, "a row of archives cannot be read") }
            return BusinessSpan(
                environment: environment, business: Business(row["business"]), firstDay: first, lastDay: last,
                days: row["days"], events: row["events"], gzipBytes: row["gzip_bytes"])
        }
    }

    /// Returns the archives of a business by day, each with whether a seal covers all of its lines.
    ///
    /// - Parameter segment: The business as its paths spell it, whether or not its name can be derived from that.
    package func list(
        _ environment: Environment, segment: String, from: CivilDate? = nil, to: CivilDate? = nil
    ) throws -> [ListedArchive] {
        // Selected by path, because there is an index on it, and no other business's paths sort between those
        // of this one.
        let folder = "\(ArchivePath.environment(environment))/business=\(segment)/day="
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM archives WHERE path >= ? AND path < ? ORDER BY path",
            arguments: [folder + (from?.description ?? ""), folder + (to?.description ?? "") + "~"])
        let sealed = try Row.fetchAll(
            db, sql: "SELECT day, max(sweep) AS sweep FROM seals WHERE environment = ? GROUP BY day",
            arguments: [environment.rawValue]
        ).reduce(into: [String: Int]()) { $0[$1["day"] as String] = $1["sweep"] }
        return try rows.map { row in
            let file = try file(row, .archives)
            return ListedArchive(file: file, isSealed: sealed["\(file.day)", default: 0] >= file.sweep)
        }
    }

    /// Returns the seals of an environment's day, by revision.
    package func seals(_ environment: Environment, _ day: CivilDate) throws -> [IndexedSeal] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM seals WHERE environment = ? AND day = ? ORDER BY revision",
            arguments: [environment.rawValue, day.description]
        ).map(seal)
    }
}
