internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Spool
internal import Webhooks

extension Sweep {
    /// Reads each entry, on several threads, and decides in the order of receipt what becomes of it, on this one.
    ///
    /// Only contents quarantine: an entry that cannot be read stays, and is told of.
    func decide(
        _ scans: [EnvironmentScan], sweep: Int, place: Workplace, _ transaction: IndexTransaction,
        _ decisions: inout Decisions
    ) throws {
        let total = scans.reduce(0) { $0 + $1.scan.entries.count }
        let memory = LineMemory(bytes: configuration.memory - 96 * total)
        var done = 0
        try expect(total, of: scans, transaction)
        for scan in scans {
            for (place, entry) in scan.scan.entries.enumerated() {
                decisions.receive(decisions.candidate(place, entry, in: scan.part.environment))
            }
        }
        for scan in scans {
            let entries = scan.scan.entries
            let portions = stride(from: 0, to: entries.count, by: Portion.most).map {
                $0..<min($0 + Portion.most, entries.count)
            }
            let reader = reader(scan.part)
            try pipeline.run(portions.count) {
            } make: { _, number in
                reader.read(entries[portions[number]], memory: memory)
            } take: { number, portion in
                decisions.take(portion.lines, in: scan.part.environment)
                let ids = entries[portions[number]].lazy.map(\.id)
                guard let first = ids.min(), let last = ids.max() else { return }
                let isAnyKnown = try transaction.snapshot.knowsAny(of: first...last)
                for (place, reading) in zip(portions[number], portion.readings) {
                    try observe(.deciding(done, of: total))
                    done += 1
                    let candidate = decisions.candidate(place, entries[place], in: scan.part.environment)
                    switch reading {
                    case .success(let reading):
                        try decide(
                            candidate, reading, scan.part, isPerhapsKnown: isAnyKnown, sweep: sweep, transaction,
                            &decisions)
                    case .failure(let error):
                        decisions.unreadable.append(error)
                        decisions.takeBack(candidate)
                    }
                }
            }
        }
    }

    private func expect(_ total: Int, of scans: [EnvironmentScan], _ transaction: IndexTransaction) throws {
        guard configuration.redeliveryWindow > 0 else { return }
        let entries = scans.map(\.scan.entries)
        guard let first = entries.compactMap(\.first?.time).min(), let last = entries.compactMap(\.last?.time).max()
        else { return }
        try transaction.expect(total, at: first...last, within: configuration.redeliveryWindow)
    }

    func reader(_ part: EnvironmentSpool) -> EntryReader {
        EntryReader(
            part: part, reader: PayloadReader(rules: configuration.rules), idHeader: configuration.idHeader)
    }

    /// - Parameter isPerhapsKnown: false where the index is known to have no delivery of the entry's id.
    private func decide(
        _ candidate: Decisions.Candidate, _ reading: Reading, _ part: EnvironmentSpool, isPerhapsKnown: Bool,
        sweep: Int, _ transaction: IndexTransaction, _ decisions: inout Decisions
    ) throws {
        let (entry, environment) = (candidate.entry, candidate.environment)
        var id = entry.id
        var verdict = reading.verdict
        var known = isPerhapsKnown ? try transaction.snapshot.known(id, in: environment) : nil
        if let other = known, other.hash != reading.hash {
            verdict = .failure(
                Reading.Unfit(reason: "id-reused: another delivery of other bytes has the id \(id)", at: nil))
            id = try part.otherID(of: entry)
            known = try transaction.snapshot.known(id, in: environment)
        }
        // The same delivery again: an interrupted sweep kept it, or somebody put it back.
        if let known, known.hash == reading.hash, known.fate != .released {
            decisions.takeBack(candidate)
            if known.fate == .quarantined, let line = try transaction.snapshot.quarantine(id, in: environment) {
                decisions.keepAside(candidate, line)
            } else {
                decisions.keep(candidate)
            }
            return
        }

        switch verdict {
        case .success(let fit):
            if let event = try repeated(fit.fingerprint, at: entry.time, transaction) {
                let redelivery = LedgerLine.Redelivery(
                    id: id, of: event.id, time: entry.time, hash: reading.hash,
                    differing: event.hash == reading.hash ? nil : [])
                let place = try decisions.redeliver(
                    candidate, event.business, redelivery, size: reading.size, transaction, sweep: sweep)
                try transaction.addRedelivery(
                    redelivery, of: event.row, ledger: place.row, line: place.line, sweep: sweep)
            } else {
                let place = try decisions.archive(candidate, fit, reading, transaction, sweep: sweep)
                try transaction.addEvent(
                    id: id, time: entry.time, type: fit.type, size: reading.size, hash: reading.hash,
                    fingerprint: fit.fingerprint, archive: place.row, line: place.line, sweep: sweep)
            }
        case .failure(let unfit):
            let line = LedgerLine.Quarantine(
                id: id, time: entry.time, hash: reading.hash, size: reading.size, reason: unfit.reason, at: unfit.at)
            let place = try decisions.quarantine(candidate, line, transaction, sweep: sweep)
            try transaction.addQuarantine(line, ledger: place.row, line: place.line, sweep: sweep)
        }
    }

    /// The event that a delivery of this fingerprint repeats; nil where it is an event of its own.
    private func repeated(
        _ fingerprint: Fingerprint, at time: Timestamp, _ transaction: IndexTransaction
    ) throws -> NearestEvent? {
        guard configuration.redeliveryWindow > 0 else { return nil }
        return try transaction.nearestEvent(fingerprint, to: time, within: configuration.redeliveryWindow)
    }
}
