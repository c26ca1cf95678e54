internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import FoundationEssentials
internal import Spool
internal import Webhooks

extension Sweep {
    /// Reads each entry once, in the order of receipt, and decides what becomes of it.
    ///
    /// Only contents quarantine: an entry that cannot be read stays, and is told of.
    func decide(
        _ scans: [EnvironmentScan], sweep: Int, place: Workplace, _ transaction: IndexTransaction,
        _ decisions: inout Decisions
    ) throws {
        let total = scans.reduce(0) { $0 + $1.scan.entries.count }
        let reader = PayloadReader(rules: configuration.rules)
        var done = 0
        for scan in scans {
            for entry in scan.scan.entries { decisions.receive(entry, in: scan.part.environment) }
        }
        for scan in scans {
            for (place, entry) in scan.scan.entries.enumerated() {
                try observe(.deciding(done, of: total))
                done += 1
                let contents: EnvironmentSpool.Contents
                do {
                    contents = try scan.part.read(entry)
                } catch {
                    decisions.unreadable.append(error)
                    decisions.takeBack(entry, in: scan.part.environment)
                    continue
                }
                let candidate = Decisions.Candidate(
                    place: Decisions.Place(place), entry: entry, environment: scan.part.environment)
                try decide(candidate, contents, scan.part, reader, sweep: sweep, transaction, &decisions)
            }
        }
    }

    private func decide(
        _ candidate: Decisions.Candidate, _ contents: EnvironmentSpool.Contents, _ part: EnvironmentSpool,
        _ reader: PayloadReader, sweep: Int, _ transaction: IndexTransaction, _ decisions: inout Decisions
    ) throws {
        let (entry, environment) = (candidate.entry, candidate.environment)
        var id = entry.id
        var fault: (reason: String, at: Int?)?
        var known = try transaction.snapshot.known(id, in: environment)
        if let other = known, other.hash != contents.hash {
            fault = ("id-reused: another delivery of other bytes has the id \(id)", nil)
            id = try part.otherID(of: entry)
            known = try transaction.snapshot.known(id, in: environment)
        }
        // The same delivery again: an interrupted sweep kept it, or somebody put it back.
        if let known, known.hash == contents.hash, known.fate != .released {
            decisions.takeBack(entry, in: environment)
            if known.fate == .quarantined, let line = try transaction.snapshot.quarantine(id, in: environment) {
                decisions.keepAside(candidate, line)
            } else {
                decisions.keep(candidate)
            }
            return
        }

        do {
            if let fault { throw Unfit(reason: fault.reason, at: fault.at) }
            let line = try Self.line(
                entry, id: id, contents, environment, reader: reader, idHeader: configuration.idHeader)
            let fingerprint = line.fingerprint
            if let event = try repeated(fingerprint, at: entry.time, transaction) {
                let redelivery = LedgerLine.Redelivery(
                    id: id, of: event.id, time: entry.time, hash: contents.hash,
                    differing: event.hash == contents.hash ? nil : line.payload)
                let place = try decisions.redeliver(
                    candidate, event.business, redelivery, size: contents.size, transaction, sweep: sweep)
                try transaction.addRedelivery(
                    redelivery, of: event.row, ledger: place.row, line: place.line, sweep: sweep)
            } else {
                let place = try decisions.archive(candidate, line.business, contents, transaction, sweep: sweep)
                try transaction.addEvent(
                    id: id, time: entry.time, type: line.type, size: contents.size, hash: contents.hash,
                    fingerprint: fingerprint, archive: place.row, line: place.line, sweep: sweep)
            }
        } catch let unfit as Unfit {
            let line = LedgerLine.Quarantine(
                id: id, time: entry.time, hash: contents.hash, size: contents.size, reason: unfit.reason, at: unfit.at)
            let place = try decisions.quarantine(candidate, line, transaction, sweep: sweep)
            try transaction.addQuarantine(line, ledger: place.row, line: place.line, sweep: sweep)
        }
    }

    /// The event that a delivery of this fingerprint repeats; nil where it is an event of its own.
    private func repeated(
        _ fingerprint: Fingerprint, at time: Timestamp, _ transaction: IndexTransaction
    ) throws -> NearestEvent? {
        guard configuration.redeliveryWindow > 0,
            let nearest = try transaction.snapshot.nearestEvent(fingerprint, to: time),
            abs(nearest.time.milliseconds - time.milliseconds) <= configuration.redeliveryWindow
        else { return nil }
        return nearest
    }

    /// Why a delivery cannot become an event.
    struct Unfit: Error {
        let reason: String
        let at: Int?
    }

    /// The line that a delivery would become.
    ///
    /// - Throws: ``Unfit``.
    static func line(
        _ entry: SpoolEntry, id: DeliveryID, _ contents: EnvironmentSpool.Contents, _ environment: Environment,
        reader: PayloadReader, idHeader: String?
    ) throws -> EventLine {
        guard let bytes = contents.payload else {
            throw Unfit(
                reason: "too-large: \(contents.size) bytes, and a payload may have \(EnvironmentSpool.payloadLimit)",
                at: nil)
        }
        let payload: Payload
        do {
            payload = try reader.read(bytes)
        } catch {
            throw Unfit(reason: error.reason, at: error.offset)
        }
        let headers = try contents.headers.map(Self.headers)
        let key = idHeader.flatMap { headers?.values[$0] }.flatMap {
            !$0.isEmpty && CloudEventsText.allows($0) ? $0 : nil
        }
        return EventLine(
            id: id, environment: environment, type: payload.type, business: Business(payload.business),
            time: entry.time,
            hash: contents.hash, pointer: payload.pointer, key: key ?? payload.senderID,
            reduced: payload.reducedHash.flatMap { $0 == contents.hash ? nil : $0 }, headers: headers?.text,
            payload: bytes)
    }

    /// The kept request headers: as the text of one JSON object, and by name.
    static func headers(_ sidecar: [UInt8]) throws -> (text: String, values: [String: String]) {
        do {
            try JSONText.validate(sidecar)
            let text = String(decoding: JSONText.minified(sidecar), as: UTF8.self)
            let values = try JSONDecoder().decode([String: String].self, from: Data(sidecar))
            guard CloudEventsText.allows(text) else { throw Unfit(reason: "", at: nil) }
            return (text, values)
        } catch {
            throw Unfit(
                reason: "bad-headers: the sidecar is no JSON object of strings that CloudEvents allows", at: nil)
        }
    }
}
