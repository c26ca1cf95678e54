internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// Walks a file's lines and their rows in the index, side by side.
struct LineCheck: ~Copyable {
    private let file: IndexedFile
    private let business: [UInt8]?
    private let calendar: DayCalendar
    private let snapshot: IndexSnapshot
    private let hasPrunedDays: Bool
    private var rows: IndexSnapshot.LineRows
    /// The next row.
    private var next: IndexSnapshot.LineRow?
    private var hasMoreRows = false
    private var growth: ArraySlice<RecordedStates.State>
    /// The lines that the decisions in this ledger refer to.
    private var decided: Set<Int> = []

    init(
        _ file: IndexedFile, growth: [RecordedStates.State], snapshot: IndexSnapshot, calendar: DayCalendar
    ) throws {
        let hasPrunedDays = try file.kind == .ledgers && snapshot.hasPrunedDays()
        var rows = try snapshot.lineRows(of: file)
        let first = try rows.next()
        self.rows = rows
        next = first
        self.file = file
        self.growth = growth[...]
        self.snapshot = snapshot
        self.hasPrunedDays = hasPrunedDays
        self.calendar = calendar
        business = file.business.name.map { Array($0.utf8) }
    }

    /// Returns the row of a line, or `nil` if there is none. Call it once for each line, in order; rows of
    /// earlier lines are reported as surplus.
    private mutating func row(_ number: Int) throws -> IndexSnapshot.LineRow? {
        while let row = next, row.line < number {
            hasMoreRows = true
            try advance()
        }
        return next.flatMap { $0.line == number ? $0 : nil }
    }

    private mutating func advance() throws { next = try rows.next() }

    /// Returns the sweep that added a line, if a record covers it.
    private func sweep(_ number: Int) -> Int? {
        growth.first.flatMap { $0.change.before.lines <= number ? $0.sweep : nil }
    }

    /// Checks one line: that it can be parsed, that it belongs in this file, and that the index has it.
    mutating func check(_ bytes: UnsafeRawBufferPointer, line number: Int, _ found: inout FileCheck) throws {
        while let first = growth.first, first.change.after.lines <= number { growth.removeFirst() }
        do {
            try JSONText.validate(bytes, nesting: PayloadReader.maximumDepth + 1)
        } catch {
            found.report("line \(number + 1) is not strict JSON: \(error)", remedy: Verification.restore)
        }
        do {
            switch file.kind {
            case .archives:
                found.count { $0.archived += 1 }
                if let gone = try EventTombstone(bytes) {
                    found.add(gone.tombstone, at: number)
                    try check(gone, line: number, &found)
                } else {
                    try check(EventLineView(bytes), line: number, &found)
                }
            case .ledgers: try check(LedgerLine(bytes), line: number, &found)
            }
        } catch let fault as LineFault {
            found.report("line \(number + 1) cannot be parsed: \(fault)", remedy: Verification.restore)
            if try row(number) != nil { try advance() }
        }
    }

    /// Checks what only shows when all lines are read. Returns whether the index has rows for lines that do not
    /// exist.
    mutating func finish(_ found: inout FileCheck) throws -> Bool {
        if file.kind == .ledgers, try snapshot.decidedRows(of: file) != decided.count {
            found.report("the index has other decisions than the ledger", remedy: Verification.reindex)
        }
        return hasMoreRows || next != nil
    }

    private mutating func check(_ event: EventLineView, line number: Int, _ found: inout FileCheck) throws {
        let (hash, size) = event.withPayload { (ContentHash(of: $0), $0.count) }
        if hash != event.hash {
            found.report(
                "line \(number + 1): the payload does not have the SHA-256 in its line", remedy: Verification.restore)
        }
        if event.environment != file.environment || !isOfBusiness(event.subject)
            || calendar.day(of: event.time) != file.day
        {
            found.report("line \(number + 1) is of another environment, business or day", remedy: Verification.restore)
        }
        let fingerprint = try event.fingerprint
        try compare(.event, line: number, id: event.id, time: event.time, hash: event.hash, &found) { row in
            row.isDetail(event.type) && row.size == size && row.fingerprint == fingerprint
        }
    }

    private mutating func check(_ gone: EventTombstone, line number: Int, _ found: inout FileCheck) throws {
        if gone.environment != file.environment || gone.business != file.business
            || calendar.day(of: gone.time) != file.day
        {
            found.report("line \(number + 1) is of another environment, business or day", remedy: Verification.restore)
        }
        try compare(.event, line: number, id: gone.id, time: gone.time, hash: gone.hash, &found) { row in
            row.isDetail(gone.type) && row.size == gone.size && row.fingerprint == gone.fingerprint
        }
    }

    private func isOfBusiness(_ subject: LineValue?) -> Bool {
        guard let subject, let business else { return subject == nil && business == nil }
        return business.withUnsafeBytes(subject.equals)
    }

    private mutating func check(_ line: LedgerLine, line number: Int, _ found: inout FileCheck) throws {
        switch line {
        case .redelivery(let it):
            found.count { $0.redelivered += 1 }
            if let tombstone = it.tombstone { found.add(tombstone, at: number) }
            checkDay(of: it.time, line: number, &found)
            if let payload = it.differing, ContentHash(of: payload) != it.hash {
                found.report(
                    "line \(number + 1): the payload does not have the SHA-256 in its line",
                    remedy: Verification.restore)
            }
            let hasPrunedDays = hasPrunedDays
            try compare(.redelivery, line: number, id: it.id, time: it.time, hash: it.hash, &found) { row in
                // The event may have been pruned, and the redelivery not.
                (row.event == it.of || row.isOfPrunedEvent && hasPrunedDays)
                    && row.size == (it.tombstone != nil ? 2 : it.differing != nil ? 1 : 0)
            }
        case .quarantine(let it):
            found.count { $0.quarantined += 1 }
            checkDay(of: it.time, line: number, &found)
            try compare(.quarantine, line: number, id: it.id, time: it.time, hash: it.hash, &found) { row in
                row.isDetail(it.reason) && row.size == it.size && row.at == it.at
            }
        case .release(let it):
            found.count { $0.released += 1 }
            try check(it, state: "released", line: number, &found)
        case .discard(let it):
            found.count { $0.discarded += 1 }
            try check(it, state: "discarded", line: number, &found)
        }
    }

    private func checkDay(of time: Timestamp, line number: Int, _ found: inout FileCheck) {
        if calendar.day(of: time) != file.day {
            found.report("line \(number + 1) is of another day", remedy: Verification.restore)
        }
    }

    /// A decision has no separate row: it is the state of the same delivery's last quarantine before it.
    private mutating func check(
        _ decision: LedgerLine.Decision, state: String, line number: Int, _ found: inout FileCheck
    ) throws {
        let indexed = try snapshot.decision(on: decision.id, before: number, in: file)
        guard let indexed, indexed.state == state, indexed.by == decision.by, indexed.at == decision.at.description,
            sweep(number) ?? indexed.sweep == indexed.sweep
        else { return found.report("line \(number + 1) differs from the index", remedy: Verification.reindex) }
        decided.insert(indexed.line)
    }

    /// Compares the fields that every line has, and what `agrees` compares, with the next row.
    private mutating func compare(
        _ kind: IndexSnapshot.LineRow.Kind, line number: Int, id: DeliveryID, time: Timestamp, hash: ContentHash,
        _ found: inout FileCheck, agrees: (IndexSnapshot.LineRow) -> Bool
    ) throws {
        guard let row = try row(number) else {
            return found.report("line \(number + 1) is missing from the index", remedy: Verification.reindex)
        }
        if row.kind != kind || row.id != id || row.time != time || row.hash != hash
            || sweep(number) ?? row.sweep != row.sweep || !agrees(row)
        {
            found.report("line \(number + 1) differs from the index", remedy: Verification.reindex)
        }
        try advance()
    }
}
