internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// Walks a file's lines and their rows in the index, side by side.
struct LineCheck: ~Copyable {
    private let file: IndexedFile
    private let business: [UInt8]?
    private let calendar: DayCalendar
    private let snapshot: IndexSnapshot
    private var rows: IndexSnapshot.LineRows
    /// The next of the rows.
    private var next: IndexSnapshot.LineRow?
    private var hasMoreRows = false
    private var growth: ArraySlice<FileCheck.Growth>
    /// The lines that a decision of this ledger is on.
    private var decided: Set<Int> = []

    init(_ file: IndexedFile, _ growth: [FileCheck.Growth], _ snapshot: IndexSnapshot, _ calendar: DayCalendar) throws {
        var rows = try snapshot.lineRows(of: file)
        let first = try rows.next()
        self.rows = rows
        next = first
        self.file = file
        self.growth = growth[...]
        self.snapshot = snapshot
        self.calendar = calendar
        business = file.business.name.map { Array($0.utf8) }
    }

    /// The row of a line, which is asked for once; nil where there is none. Rows of lines before it are too many.
    private mutating func row(_ number: Int) throws -> IndexSnapshot.LineRow? {
        while let row = next, row.line < number {
            hasMoreRows = true
            try advance()
        }
        return next.flatMap { $0.line == number ? $0 : nil }
    }

    private mutating func advance() throws { next = try rows.next() }

    /// The sweep that added a line, if a record has it.
    private func sweep(_ number: Int) -> Int? { growth.first.flatMap { $0.change.lines[0] <= number ? $0.sweep : nil } }

    /// Checks one line: that it can be parsed, that it belongs in this file, and that the index has it.
    mutating func check(_ bytes: UnsafeRawBufferPointer, _ number: Int, _ found: inout FileCheck) throws {
        while let first = growth.first, first.change.lines[1] <= number { growth.removeFirst() }
        do {
            try JSONText.validate(bytes, nesting: PayloadReader.maximumDepth + 1)
        } catch {
            found.find("line \(number + 1) is no strict JSON: \(error)", Verification.restore)
        }
        do {
            switch file.kind {
            case .archives:
                found.count { $0.archived += 1 }
                try check(EventLineView(bytes), number, &found)
            case .ledgers: try check(LedgerLine(bytes), number, &found)
            }
        } catch let fault as LineFault {
            found.find("line \(number + 1) does not read: \(fault)", Verification.restore)
            if try row(number) != nil { try advance() }
        }
    }

    /// Checks what only shows once all lines are read. Returns whether the index has rows for lines that do not exist.
    mutating func finish(_ found: inout FileCheck) throws -> Bool {
        if file.kind == .ledgers, try snapshot.decidedRows(of: file) != decided.count {
            found.find("the index has other decisions than the ledger", Verification.reindex)
        }
        return hasMoreRows || next != nil
    }

    private mutating func check(_ event: EventLineView, _ number: Int, _ found: inout FileCheck) throws {
        let (hash, size) = event.withPayload { (ContentHash(of: $0), $0.count) }
        if hash != event.hash {
            found.find("line \(number + 1): the payload does not have the SHA-256 in its line", Verification.restore)
        }
        if event.environment != file.environment || !isOfBusiness(event.subject)
            || calendar.day(of: event.time) != file.day
        {
            found.find("line \(number + 1) is of another environment, business or day", Verification.restore)
        }
        let fingerprint = try event.fingerprint
        try compare(number, .event, event.id, event.time, event.hash, &found) { row in
            row.isDetail(event.type) && row.size == size && row.fingerprint == fingerprint
        }
    }

    private func isOfBusiness(_ subject: LineValue?) -> Bool {
        guard let subject, let business else { return subject == nil && business == nil }
        return business.withUnsafeBytes(subject.equals)
    }

    private mutating func check(_ line: LedgerLine, _ number: Int, _ found: inout FileCheck) throws {
        switch line {
        case .redelivery(let it):
            found.count { $0.redelivered += 1 }
            checkDay(it.time, number, &found)
            if let payload = it.differing, ContentHash(of: payload) != it.hash {
                found.find(
                    "line \(number + 1): the payload does not have the SHA-256 in its line", Verification.restore)
            }
            try compare(number, .redelivery, it.id, it.time, it.hash, &found) { row in
                row.event == it.of && row.size == (it.differing == nil ? 0 : 1)
            }
        case .quarantine(let it):
            found.count { $0.quarantined += 1 }
            checkDay(it.time, number, &found)
            try compare(number, .quarantine, it.id, it.time, it.hash, &found) { row in
                row.isDetail(it.reason) && row.size == it.size && row.at == it.at
            }
        case .release(let it):
            found.count { $0.released += 1 }
            try check(it, "released", number, &found)
        case .discard(let it):
            found.count { $0.discarded += 1 }
            try check(it, "discarded", number, &found)
        }
    }

    private func checkDay(_ time: Timestamp, _ number: Int, _ found: inout FileCheck) {
        if calendar.day(of: time) != file.day {
            found.find("line \(number + 1) is of another day", Verification.restore)
        }
    }

    /// A decision has no row of its own: it is the state of the last quarantine before it of the same delivery.
    private mutating func check(
        _ decision: LedgerLine.Decision, _ state: String, _ number: Int, _ found: inout FileCheck
    ) throws {
        let indexed = try snapshot.decision(on: decision.id, before: number, in: file)
        guard let indexed, indexed.state == state, indexed.by == decision.by, indexed.at == decision.at.description,
            sweep(number) ?? indexed.sweep == indexed.sweep
        else { return found.find("line \(number + 1) differs from the index", Verification.reindex) }
        decided.insert(indexed.line)
    }

    /// Holds what every line has, and what `agrees` asks for, against the next row.
    private mutating func compare(
        _ number: Int, _ kind: IndexSnapshot.LineRow.Kind, _ id: DeliveryID, _ time: Timestamp, _ hash: ContentHash,
        _ found: inout FileCheck, _ agrees: (IndexSnapshot.LineRow) -> Bool
    ) throws {
        guard let row = try row(number) else {
            return found.find("line \(number + 1) is missing from the index", Verification.reindex)
        }
        if row.kind != kind || row.id != id || row.time != time || row.hash != hash
            || sweep(number) ?? row.sweep != row.sweep || !agrees(row)
        {
            found.find("line \(number + 1) differs from the index", Verification.reindex)
        }
        try advance()
    }
}
