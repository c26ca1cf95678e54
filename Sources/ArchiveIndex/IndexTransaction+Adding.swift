package import Archive
internal import Foundation
internal import GRDB
package import Webhooks

extension IndexTransaction {
    package func addEvent(
        id: DeliveryID, time: Timestamp, type: String, size: Int, hash: ContentHash, fingerprint: Fingerprint,
        archive: Int64, line: Int, sweep: Int
    ) throws {
        let row = try prepared.takeNextRow(of: .events)
        try prepared.addEvent.get().run {
            $0.bind(1, sweep)
            $0.bind(2, archive)
            $0.bind(3, line)
            $0.bind(4, id)
            $0.bind(5, time.milliseconds)
            $0.bind(6, text: type)
            $0.bind(7, size)
            $0.bind(8, hash)
            $0.bind(9, fingerprint)
            $0.bind(10, row)
        }
        prepared.note(fingerprint, time)
    }

    package func addRedelivery(
        _ line: LedgerLine.Redelivery, of event: Int64, ledger: Int64, line number: Int, sweep: Int
    ) throws {
        let row = try prepared.takeNextRow(of: .redeliveries)
        try prepared.addRedelivery.get().run {
            $0.bind(1, sweep)
            $0.bind(2, ledger)
            $0.bind(3, number)
            $0.bind(4, event)
            $0.bind(5, line.id)
            $0.bind(6, line.time.milliseconds)
            $0.bind(7, line.hash)
            $0.bind(8, line.differing == nil ? 0 : 1)
            $0.bind(9, row)
        }
    }

    package func addQuarantine(_ line: LedgerLine.Quarantine, ledger: Int64, line number: Int, sweep: Int) throws {
        try run(
            """
            INSERT INTO quarantine (sweep, ledger, line, id, received, sha256, size, reason, at, entry, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held')
            """,
            [
                sweep, ledger, number, line.id.description, line.time.milliseconds, line.hash.bytes.databaseValue,
                line.size,
                line.reason, line.at, prepared.takeNextRow(of: .quarantine),
            ])
    }

    /// Records the decision on the last quarantine of this id in this ledger.
    package func decide(_ kind: SweepRecord.Kind, _ decision: LedgerLine.Decision, ledger: Int64, sweep: Int) throws {
        try run(
            """
            UPDATE quarantine SET state = ?, decided_in = ?, decided_by = ?, decided_at = ?
            WHERE entry = (SELECT max(entry) FROM quarantine WHERE id = ? AND ledger = ? AND sweep < ?)
            """,
            [
                kind == .release ? "released" : "discarded", sweep, decision.by, decision.at.description,
                decision.id.description, ledger, sweep,
            ])
    }

    /// Adds a file that the index does not know.
    package func add(_ file: IndexedFile) throws {
        try prepared.files(file.kind).add.run {
            Self.bind(file, in: $0)
            $0.bind(8, text: file.environment.rawValue)
            $0.bind(9, text: file.business.name)
            $0.bind(10, text: file.day.description)
            $0.bind(11, text: file.path)
            $0.bind(12, file.firstSweep)
        }
    }

    /// Records that a file grew.
    package func update(_ file: IndexedFile) throws {
        try prepared.files(file.kind).update.run { Self.bind(file, in: $0) }
    }

    /// Binds the columns that change when a file grows.
    private static func bind(_ file: IndexedFile, in binding: DirectStatement.Binding) {
        binding.bind(1, file.row)
        binding.bind(2, file.state.lines)
        binding.bind(3, file.state.textBytes)
        binding.bind(4, file.state.gzipBytes)
        binding.bind(5, Int64(file.state.crc32))
        binding.bind(6, text: file.state.hash.description)
        binding.bind(7, file.sweep)
    }

    /// Adds blocks to an archive. The first of them begins at this line and this byte.
    package func add(_ blocks: [GzipBlock], to archive: Int64, firstLine: Int, offset: Int) throws {
        let statement = try prepared.addBlock.get()
        var (firstLine, offset) = (firstLine, offset)
        for block in blocks {
            try statement.run {
                $0.bind(1, archive)
                $0.bind(2, firstLine)
                $0.bind(3, block.lines)
                $0.bind(4, offset)
                $0.bind(5, block.gzipBytes)
                $0.bind(6, block.textBytes)
                $0.bind(7, Int64(block.crc32))
                $0.bind(8, block.hash)
            }
            firstLine += block.lines
            offset += block.gzipBytes
        }
    }

    package func add(_ record: SweepRecord, state: SweepState) throws {
        let total = record.total
        try run(
            "INSERT INTO sweeps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                record.sweep, record.kind.rawValue, state.rawValue, record.started, total.received, total.archived,
                total.redelivered, total.quarantined, total.bytes, record.compressed,
            ])
        for day in record.days {
            let counts = day.counts
            try run(
                "INSERT INTO sweep_days VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    record.sweep, day.environment.rawValue, day.day, counts.received, counts.archived,
                    counts.redelivered, counts.quarantined, counts.released, counts.discarded, counts.bytes,
                ])
        }
        try addDecision(record)
    }

    package func set(_ state: SweepState, of sweep: Int) throws {
        try run("UPDATE sweeps SET state = ? WHERE sweep = ?", [state.rawValue, sweep])
    }

    package func add(_ seal: Seal) throws {
        let it = seal.statement
        try run(
            "INSERT INTO seals VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                it.environment.rawValue, it.number, it.day.description, it.revision, it.sweep, it.sealed, seal.path,
                seal.hash.description,
            ])
    }
}

extension [UInt8] {
    /// The bytes as a BLOB.
    fileprivate var databaseValue: DatabaseValue { Data(self).databaseValue }
}
