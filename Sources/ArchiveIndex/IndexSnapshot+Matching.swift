internal import Archive
internal import Foundation
internal import GRDB
internal import Webhooks

extension IndexSnapshot {
    /// Calls `body` with each archive that contains matches, by path, and the numbers of their lines, ascending.
    func forEachMatch(of query: EventQuery, _ body: (IndexedFile, [Int]) throws -> Void) throws {
        if !query.ids.isEmpty { return try forEachMatchByID(of: query, body) }
        let (condition, arguments) = query.rows
        try forEachFile(.archives, in: query.selectionOfFiles) { file in
            let (after, through) = (query.sweeps.after ?? 0, query.sweeps.through ?? .max)
            guard file.sweep > after, file.firstSweep <= through else { return }
            let lines =
                try condition == EventQuery.everyRow
                ? Array(0..<file.state.lines)
                : Int.fetchAll(
                    db.cachedStatement(
                        sql: "SELECT line FROM events WHERE archive = ? AND \(condition) ORDER BY line"),
                    arguments: [file.row] + arguments)
            if !lines.isEmpty { try body(file, lines) }
        }
    }

    /// There are few rows with the ids, so they are found by these, not by reading the rows of all archives.
    private func forEachMatchByID(of query: EventQuery, _ body: (IndexedFile, [Int]) throws -> Void) throws {
        let (condition, arguments) = query.rows
        var lines: [Int64: [Int]] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT archive, line FROM events WHERE \(condition) ORDER BY archive, line", arguments: arguments)
        while let row = try rows.next() { lines[row["archive"], default: []].append(row["line"]) }
        let (selected, more) = query.selection.condition
        let files = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM archives WHERE archive IN (SELECT value FROM json_each(?)) AND \(selected) ORDER BY path
                """, arguments: ["[\(lines.keys.map(String.init).joined(separator: ","))]"] + more
        ).map { try file($0, .archives) }
        for file in files { try body(file, lines[file.row] ?? []) }
    }

    /// Returns the archives of the next business that contain matches, by day, or none after the last business. Businesses are
    /// in the order of paths.
    ///
    /// - Parameter last: An archive of the previous business, or `nil` for the first.
    package func nextBusiness(of query: EventQuery, after last: IndexedFile?) throws -> [IndexedFile] {
        let (selected, more) = query.selectionOfFiles.condition
        let (condition, arguments) = query.rows
        // Events with certain ids are few, so that they are looked up first.
        let hasMatch =
            query.ids.isEmpty
            ? "EXISTS (SELECT 1 FROM events WHERE events.archive = archives.archive AND \(condition))"
            : "archive IN (SELECT archive FROM events WHERE \(condition))"
        let after = last.map {
            "\(ArchivePath.environment($0.environment))/business=\($0.business.segment)/day=~"
        }
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM archives WHERE path > ? AND \(selected) AND \(hasMatch) ORDER BY path",
            arguments: [after ?? ""] + more + arguments)
        var files: [IndexedFile] = []
        while let row = try rows.next() {
            let file = try file(row, .archives)
            if let first = files.first, (first.environment, first.business) != (file.environment, file.business) {
                break
            }
            files.append(file)
        }
        return files
    }

    /// Returns the days on which archives may contain matches, the last first.
    func daysNewestFirst(of query: EventQuery) throws -> [CivilDate] {
        let (condition, arguments) = query.selectionOfFiles.condition
        return try String.fetchAll(
            db, sql: "SELECT DISTINCT day FROM archives WHERE \(condition) ORDER BY day DESC", arguments: arguments
        ).compactMap { CivilDate($0) }
    }

    /// Calls `body` with the place of each match on a day, and the size of its payload in bytes, by the time of receipt, the last
    /// first.
    func forEachMatchNewestFirst(
        of query: EventQuery, on day: CivilDate, _ body: (_ archive: Int64, _ line: Int, _ bytes: Int) throws -> Void
    ) throws {
        var selection = query.selection
        (selection.from, selection.to) = (day, day)
        let (selected, more) = selection.condition
        let (condition, arguments) = query.rows
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT archive, line, size FROM events
                WHERE archive IN (SELECT archive FROM archives WHERE \(selected)) AND \(condition)
                ORDER BY received DESC, event DESC
                """, arguments: more + arguments)
        while let row = try rows.next() { try body(row["archive"], row["line"], row["size"]) }
    }

    /// Returns the number of events that match, without those that are gone.
    ///
    /// - Parameter query: Without a condition on payloads, which the index does not have, and whatever its limit.
    package func count(_ query: EventQuery) throws -> Int {
        precondition(query.isOfIndex, "the index has no payloads")
        let (condition, arguments) = query.rows
        let (selected, more) = query.selection.condition
        return try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM events JOIN (SELECT archive FROM archives WHERE \(selected)) USING (archive)
                WHERE \(condition) AND NOT EXISTS (SELECT 1 FROM tombstones WHERE tombstones.event = events.event)
                """, arguments: more + arguments) ?? 0
    }

    /// Returns whether any event has a type that matches.
    package func knows(_ type: EventQuery.TypePattern) throws -> Bool {
        let (condition, arguments) = EventQuery(types: [type]).rows
        return try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM events WHERE \(condition))", arguments: arguments) ?? false
    }

    /// Returns the number of the last sweep whose files have their final names, or 0.
    package func lastPublishedSweep() throws -> Int {
        try Int.fetchOne(db, sql: "SELECT coalesce(max(sweep), 0) FROM sweeps WHERE state <> 'committed'") ?? 0
    }
}

extension EventQuery {
    static let everyRow = "1"

    /// The types that are looked for in the lines, not in the index: those of a query that reads payloads anyway.
    var typesInLines: [TypePattern] { condition == nil ? [] : types }

    /// What the index knows of events, as an SQL condition on the columns of `events`.
    var rows: (sql: String, arguments: StatementArguments) {
        var terms = [Self.everyRow]
        var arguments: [(any DatabaseValueConvertible)?] = []
        if !ids.isEmpty {
            terms.append("events.id IN (SELECT value FROM json_each(?))")
            arguments.append(JSONText.array(of: ids.map(\.description)))
        }
        if !hashes.isEmpty {
            terms.append("hex(events.sha256) IN (SELECT upper(value) FROM json_each(?))")
            arguments.append(JSONText.array(of: hashes.map(\.description)))
        }
        if !types.isEmpty, typesInLines.isEmpty {
            let ofTypes = types.map { type in
                arguments.append(type.text)
                if type.isPrefix { arguments.append(type.text) }
                return type.isPrefix ? "substr(events.type, 1, length(?)) = ?" : "events.type = ?"
            }
            terms.append("(\(ofTypes.joined(separator: " OR ")))")
        }
        if let from = received.from {
            terms.append("events.received >= ?")
            arguments.append(from.milliseconds)
        }
        if let before = received.before {
            terms.append("events.received < ?")
            arguments.append(before.milliseconds)
        }
        if let isRedelivered {
            terms.append(
                (isRedelivered ? "" : "NOT ")
                    + "EXISTS (SELECT 1 FROM redeliveries WHERE redeliveries.event = events.event)")
        }
        if let lines {
            terms.append("events.line >= ? AND events.line < ?")
            arguments += [lines.lowerBound, lines.upperBound]
        }
        if let after = sweeps.after {
            terms.append("events.sweep > ?")
            arguments.append(after)
        }
        if let through = sweeps.through {
            terms.append("events.sweep <= ?")
            arguments.append(through)
        }
        return (terms.joined(separator: " AND "), StatementArguments(arguments))
    }

    /// Whether the selection of files decides alone what matches.
    package var isOfFiles: Bool { isOfIndex && rows.sql == Self.everyRow }

    /// The selection, narrowed to the days that the times of receipt may be on, in whatever time zone.
    var selectionOfFiles: Selection {
        func day(_ time: Timestamp?, _ days: Int) -> CivilDate? {
            time.map { CivilDate(daysSinceEpoch: Int($0.milliseconds.floored(by: IndexSchema.day)) + days) }
        }
        var narrowed = selection
        narrowed.from = [selection.from, day(received.from, -1)].compactMap { $0 }.max()
        narrowed.to = [selection.to, day(received.before, 1)].compactMap { $0 }.min()
        return narrowed
    }
}
