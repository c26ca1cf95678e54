internal import Archive
internal import DurableFiles
internal import Webhooks

extension Verification.Check {
    /// Reads a file to its end, and holds what it finds against the index and the records.
    mutating func check(_ file: IndexedFile) throws {
        try progress(file.path)
        do {
            let opened = try GzipFile(file.reference, in: archive)
            if file.kind == .archives { report.archives += 1 } else { report.ledgers += 1 }
            report.bytes += file.state.gzipBytes
            try read(opened, file)
            if try archive.root.status(of: file.path)?.size ?? 0 > file.state.gzipBytes { longer.append(file) }
        } catch let error as ArchiveError {
            find(file.path, "\(error)", Self.restore)
        } catch let error as FileError {
            find(file.path, "\(error)", Self.restore)
        }
    }

    private mutating func read(_ opened: GzipFile, _ file: IndexedFile) throws {
        let changes = growth[file.path] ?? []
        let lengths = Set(changes.map { $0.gzip[1] })
        var rows = try snapshot.rows(of: file)
        var blocks = file.kind == .archives ? try snapshot.blocks(of: file)[...] : []
        var scanner = try GzipScanner(opened)
        var textHash = RunningHash()
        var tally = Counts()
        var line = 0
        var found: [Int: Verification.KnownState] = [:]
        while let block = try scanner.next() {
            if file.kind == .archives {
                let known = blocks.popFirst()
                if known != IndexedBlock(firstLine: line, offset: block.offset, block: block.block) {
                    find(file.path, "the index tells another block at line \(line + 1)", Self.reindex)
                }
            }
            textHash.add(block.text)
            for bytes in block.text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                try check(bytes, line, file, &rows, &tally)
                line += 1
            }
            let earlier = scanner.earlierState
            if lengths.contains(earlier.gzipBytes) {
                found[earlier.gzipBytes] = .init(state: earlier, textHash: textHash.value, tally: tally)
            }
        }
        let isMore = try rows.next() != nil
        if isMore || !blocks.isEmpty {
            find(file.path, "the index tells of more lines than it has", Self.reindex)
        }
        if scanner.state.hash != file.state.hash || scanner.state != file.state {
            find(file.path, "its length, lines or hash are not those in the index", Self.reindex)
        }
        for change in changes {
            guard let state = found[change.gzip[1]]?.state, state.hash.description == change.sha256,
                state.lines == change.lines[1], state.textBytes == change.text[1]
            else {
                find(
                    file.path, "its state of \(change.gzip[1]) bytes, which a sweep recorded, is not to be had from it",
                    Self.restore)
                continue
            }
        }
        if found[file.state.gzipBytes] == nil { find(file.path, "no record tells of it as it is", Self.restore) }
        states[file.path] = found
        let day = DayKey(environment: file.environment, day: file.day.description)
        lines[day, default: Counts()] += tally
    }

    /// One line: that it reads, that it stands where it should, and that the index has it.
    private mutating func check(
        _ bytes: ArraySlice<UInt8>, _ number: Int, _ file: IndexedFile, _ rows: inout IndexSnapshot.LineRows,
        _ tally: inout Counts
    ) throws {
        let place = "line \(number + 1)"
        do {
            try JSONText.validate(Array(bytes), nesting: PayloadReader.maximumDepth + 1)
        } catch {
            find(file.path, "\(place) is no strict JSON: \(error)", Self.restore)
        }
        let told: IndexSnapshot.LineRow
        do {
            if file.kind == .archives {
                tally.archived += 1
                report.events += 1
                told = try checkEvent(EventLine(bytes), place, file)
            } else {
                told = try checkLedger(LedgerLine(bytes), place, file, &tally)
            }
        } catch let fault as LineFault {
            find(file.path, "\(place) does not read: \(fault)", Self.restore)
            _ = try rows.next()
            return
        }
        // A decision has no row of its own: it is a state of the row that it decides on.
        if told.isDecision { return }
        if try rows.next() != told { find(file.path, "the index tells \(place) otherwise", Self.reindex) }
    }

    private mutating func checkEvent(
        _ event: EventLine, _ place: String, _ file: IndexedFile
    ) throws -> IndexSnapshot.LineRow {
        if ContentHash(of: event.payload) != event.hash {
            find(file.path, "\(place): the payload has not the SHA-256 that its line tells", Self.restore)
        }
        if event.environment != file.environment || event.business != file.business
            || archive.calendar.day(of: event.time) != file.day
        {
            find(file.path, "\(place) is of another environment, business or day", Self.restore)
        }
        return .init(
            id: event.id, time: event.time, hash: event.hash, detail: event.type, size: event.payload.count,
            fingerprint: event.fingerprint.bytes)
    }

    private mutating func checkLedger(
        _ line: LedgerLine, _ place: String, _ file: IndexedFile, _ tally: inout Counts
    ) throws -> IndexSnapshot.LineRow {
        func checkDay(_ time: Timestamp) {
            if archive.calendar.day(of: time) != file.day {
                find(file.path, "\(place) is of another day", Self.restore)
            }
        }
        switch line {
        case .redelivery(let it):
            tally.redelivered += 1
            report.redeliveries += 1
            checkDay(it.time)
            if let payload = it.differing, ContentHash(of: payload) != it.hash {
                find(file.path, "\(place): the payload has not the SHA-256 that its line tells", Self.restore)
            }
            return .init(
                id: it.id, time: it.time, hash: it.hash, detail: it.of.description, size: it.differing == nil ? 0 : 1)
        case .quarantine(let it):
            tally.quarantined += 1
            report.quarantined += 1
            checkDay(it.time)
            return .init(id: it.id, time: it.time, hash: it.hash, detail: it.reason, size: it.size)
        case .release:
            tally.released += 1
            return .decision
        case .discard:
            tally.discarded += 1
            return .decision
        }
    }
}
