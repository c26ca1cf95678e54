internal import Archive
internal import DurableFiles
internal import Foundation
internal import GRDB
internal import Webhooks

extension Rebuild {
    /// The place of a file's first line, and the business it is of, as far as its lines have that.
    private struct First {
        let time: Timestamp
        let id: DeliveryID
        let business: Business?
    }

    /// Adds the row and the lines of an archive file or a ledger.
    func addFile(_ path: String, _ parts: ArchivePath.Parts, _ transaction: IndexTransaction) throws {
        let db = transaction.db
        let growth = try Row.fetchAll(
            db, sql: "SELECT * FROM temp.growth WHERE path = ? ORDER BY sweep", arguments: [path])
        var before = FileChange.Lengths(nil)
        let states = growth.compactMap { row -> (sweep: Int, change: FileChange)? in
            guard let hash = ContentHash(hex: row["sha256"] as String) else { return nil }
            let after = FileChange.Lengths(lines: row["lines"], text: row["text_bytes"], gzip: row["gzip_bytes"])
            defer { before = after }
            return (row["sweep"], FileChange(path: path, before: before, after: after, hash: hash))
        }
        guard let firstSweep = states.first?.sweep, let last = states.last else { return }
        var first: First?
        var state = GzipState(
            lines: last.change.after.lines, textBytes: last.change.after.text, gzipBytes: last.change.after.gzip,
            crc32: 0, hash: last.change.hash)
        let insert = try inserter(path, parts, db)
        func add(_ found: GzipScanner.Found, at line: Int) throws {
            if !parts.isLedger { try addBlock(found, at: line, of: path, db) }
            try forEachLine(of: found, at: line, states.map { ($0.sweep, $0.change.after.lines) }, path) {
                let place = try insert($0, $1, $2)
                first = first ?? place
            }
        }
        let cause = try unreadable {
            state = try read(path, last.change) { try add($0, at: $1) }
            if first == nil { throw ArchiveError.differs(archive.root.path(of: path), "it holds no line") }
        }
        if let cause {
            try removeLines(of: path, db)
            first = nil
            for loss in try readWhatIsWhole(path, states.map(\.change), parts, cause, { try add($0, at: $1) }) {
                try transaction.add(IndexedDamage(path: path, lines: loss.lines, cause: loss.cause))
            }
        }
        let named = try first?.business ?? Business(segment: parts.segment) ?? shortened(parts.segment, db)
        guard let business = named else {
            if cause == nil {
                try transaction.add(
                    IndexedDamage(
                        path: path, lines: 0..<state.lines, cause: "no archive has the name of its business"))
            }
            return
        }
        try db.cachedStatement(
            sql: "INSERT INTO \(parts.isLedger ? "temp.ledger_rows" : "temp.archive_rows") VALUES "
                + "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            parts.environment.rawValue, business.name, parts.day.description, path, state.lines, state.textBytes,
            state.gzipBytes, Int64(state.crc32), state.hash.description, firstSweep, last.sweep,
            first?.time.milliseconds ?? 0, first?.id.description ?? "",
        ])
    }

    /// Reads a file to its end, and calls `body` with each block and the number of its first line.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if it is not in its recorded state.
    private func read(
        _ path: String, _ recorded: FileChange, _ body: (GzipScanner.Found, Int) throws -> Void
    ) throws -> GzipState {
        let full = archive.root.path(of: path)
        guard let file = try archive.root.file(path) else { throw ArchiveError.differs(full, "it is missing") }
        guard file.size == recorded.after.gzip else {
            throw ArchiveError.differs(full, "it has \(file.size) bytes, and \(recorded.after.gzip) were recorded")
        }
        var scanner = try GzipScanner(GzipFile(path: path, whole: file))
        var line = 0
        while let found = try scanner.next() {
            try body(found, line)
            line += found.block.lines
        }
        guard scanner.state.hash == recorded.hash else {
            throw ArchiveError.differs(full, "its SHA-256 is \(scanner.state.hash), and \(recorded.hash) was recorded")
        }
        return scanner.state
    }

    /// Reads the blocks of a damaged file that are whole.
    ///
    /// - Returns: The lost lines.
    private func readWhatIsWhole(
        _ path: String, _ states: [FileChange], _ parts: ArchivePath.Parts, _ cause: String,
        _ body: (GzipScanner.Found, Int) throws -> Void
    ) throws -> [WholeBlocks.Loss] {
        let all = WholeBlocks.Loss(lines: 0..<(states.last?.after.lines ?? 0), cause: cause)
        var blocks: WholeBlocks?
        _ = try self.unreadable { blocks = try WholeBlocks(path, states: states, in: archive) }
        guard let blocks else { return [all] }
        var losses: [WholeBlocks.Loss] = []
        let unreadable = try blocks.read { found, line in
            // The whole file's hash does not vouch for the lines any more, but each payload has its own.
            if let cause = try self.unreadable({ try requirePayloads(of: found, parts, path) }) {
                losses.append(.init(lines: line..<(line + found.block.lines), cause: cause))
            } else {
                try body(found, line)
            }
        }
        losses += unreadable
        // It is damaged even if all of its lines can be read.
        return losses.isEmpty ? [.init(lines: 0..<0, cause: cause)] : losses
    }

    private func requirePayloads(of found: GzipScanner.Found, _ parts: ArchivePath.Parts, _ path: String) throws {
        try forEachLine(of: found, at: 0, [(0, .max)], path) { bytes, line, _ in
            if parts.isLedger {
                _ = try LedgerLine(bytes)
            } else if try EventTombstone(bytes) == nil {
                let event = try EventLine(bytes)
                guard ContentHash(of: event.payload) == event.hash else {
                    throw ArchiveError.differs(
                        archive.root.path(of: path), "line \(line + 1) does not have the payload of its SHA-256")
                }
            }
        }
    }

    /// Calls `body` with each line of a block, its number, and the sweep that added it.
    ///
    /// - Parameter ends: The sweeps, and the number of lines after each, ascending.
    private func forEachLine(
        of found: GzipScanner.Found, at firstLine: Int, _ ends: [(sweep: Int, lines: Int)], _ path: String,
        _ body: (ArraySlice<UInt8>, Int, Int) throws -> Void
    ) throws {
        let full = archive.root.path(of: path)
        var line = firstLine
        var rest = ends[...]
        for bytes in found.text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            while let end = rest.first?.lines, end <= line { rest = rest.dropFirst() }
            guard let sweep = rest.first?.sweep else {
                throw ArchiveError.differs(full, "line \(line + 1) is more than its sweeps recorded")
            }
            do {
                try body(bytes, line, sweep)
            } catch let fault as LineFault {
                throw ArchiveError.differs(full, "line \(line + 1) cannot be parsed: \(fault)")
            }
            line += 1
        }
    }

    // MARK: - Rows of the temporary tables

    private func addBlock(_ found: GzipScanner.Found, at line: Int, of path: String, _ db: Database) throws {
        let block = found.block
        try db.cachedStatement(sql: "INSERT INTO temp.block_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
            path, line, block.lines, found.offset, block.gzipBytes, block.textBytes, Int64(block.crc32),
            Data(block.hash.bytes),
        ])
    }

    private func removeLines(of path: String, _ db: Database) throws {
        for table in [
            "block_rows", "event_lines", "tombstone_lines", "redelivery_lines", "quarantine_lines", "decision_lines",
        ] {
            try db.execute(sql: "DELETE FROM temp.\(table) WHERE path = ?", arguments: [path])
        }
    }

    /// Returns a function that adds a line's row, given the line, its number, and its sweep. It returns the line's place,
    /// or `nil` for a decision.
    private func inserter(
        _ path: String, _ parts: ArchivePath.Parts, _ db: Database
    ) throws -> (ArraySlice<UInt8>, Int, Int) throws -> First? {
        parts.isLedger ? try ledgerInserter(path, parts, db) : try archiveInserter(path, parts, db)
    }

    private func archiveInserter(
        _ path: String, _ parts: ArchivePath.Parts, _ db: Database
    ) throws -> (ArraySlice<UInt8>, Int, Int) throws -> First? {
        let add = try db.cachedStatement(sql: "INSERT INTO temp.event_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let addTombstone = try db.cachedStatement(sql: "INSERT INTO temp.tombstone_lines VALUES (?, ?, ?, ?)")
        return { bytes, line, sweep in
            func requirePath(_ environment: Environment, _ business: Business) throws {
                guard environment == parts.environment, business.segment == parts.segment else {
                    throw ArchiveError.differs(archive.root.path(of: path), "line \(line + 1) is of another path")
                }
            }
            if let gone = try EventTombstone(bytes) {
                try requirePath(gone.environment, gone.business)
                try add.execute(arguments: [
                    sweep, gone.environment.rawValue, gone.time.milliseconds, gone.id.description, path, line,
                    gone.type, gone.size, Data(gone.hash.bytes), Data(gone.fingerprint.bytes),
                ])
                try addTombstone.execute(
                    arguments: [path, line, gone.tombstone.gone.rawValue, gone.tombstone.record])
                return First(time: gone.time, id: gone.id, business: gone.business)
            }
            let event = try EventLine(bytes)
            try requirePath(event.environment, event.business)
            try add.execute(arguments: [
                sweep, event.environment.rawValue, event.time.milliseconds, event.id.description, path, line,
                event.type, event.payload.count, Data(event.hash.bytes), Data(event.fingerprint.bytes),
            ])
            return First(time: event.time, id: event.id, business: event.business)
        }
    }

    private func ledgerInserter(
        _ path: String, _ parts: ArchivePath.Parts, _ db: Database
    ) throws -> (ArraySlice<UInt8>, Int, Int) throws -> First? {
        let addRedelivery = try db.cachedStatement(
            sql: "INSERT INTO temp.redelivery_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let addQuarantine = try db.cachedStatement(
            sql: "INSERT INTO temp.quarantine_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let addDecision = try db.cachedStatement(sql: "INSERT INTO temp.decision_lines VALUES (?, ?, ?, ?, ?, ?, ?)")
        return { bytes, line, sweep in
            switch try LedgerLine(bytes) {
            case .redelivery(let it):
                try addRedelivery.execute(arguments: [
                    sweep, parts.environment.rawValue, it.time.milliseconds, it.id.description, path, line,
                    it.of.description, Data(it.hash.bytes), it.tombstone != nil ? 2 : it.differing != nil ? 1 : 0,
                ])
                return First(time: it.time, id: it.id, business: nil)
            case .quarantine(let it):
                try addQuarantine.execute(arguments: [
                    sweep, parts.environment.rawValue, it.time.milliseconds, it.id.description, path, line,
                    Data(it.hash.bytes), it.size, it.reason, it.at,
                ])
                return First(time: it.time, id: it.id, business: nil)
            case .release(let it):
                try addDecision.execute(arguments: [
                    sweep, path, line, "release", it.id.description, it.by, it.at.description,
                ])
            case .discard(let it):
                try addDecision.execute(arguments: [
                    sweep, path, line, "discard", it.id.description, it.by, it.at.description,
                ])
            }
            return nil
        }
    }

    /// Returns the business whose name is too long for a path. It has at least one event, and so an archive with
    /// its name.
    private func shortened(_ segment: String, _ db: Database) throws -> Business? {
        let names = try String.fetchCursor(
            db, sql: "SELECT DISTINCT business FROM temp.archive_rows WHERE path LIKE ?", arguments: ["%/business=%~%"])
        while let name = try names.next() {
            if Business.named(name).segment == segment { return .named(name) }
        }
        return nil
    }
}
