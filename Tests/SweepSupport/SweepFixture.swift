package import Archive
internal import ArchiveIndex
package import Batch
internal import DurableFiles
internal import Foundation
internal import Spool
package import TestSupport
import Verify
package import Webhooks

/// A spool and an archive in a folder of their own, and a clock that a test sets.
package struct SweepFixture {
    package let folder: TemporaryDirectory
    package var now = Timestamp("2026-11-25T02:00:00.000Z")!
    package var configuration: Sweep.Configuration

    package init() throws {
        folder = try TemporaryDirectory(inMemory: true)
        configuration = Sweep.Configuration(spool: folder("spool"), archive: folder("archive"))
        _ = try SpoolFolder.make(folder("spool"))
    }

    /// The same spool and archive again, in another folder.
    package init(copyOf other: SweepFixture) throws {
        folder = try TemporaryDirectory(inMemory: true)
        now = other.now
        configuration = other.configuration
        configuration.spool = folder("spool")
        configuration.archive = folder("archive")
        try folder.copy("spool", of: other.folder)
        try folder.copy("archive", of: other.folder)
    }

    // MARK: - The spool

    /// Puts a delivery into the spool as if it had been received at a time.
    @discardableResult
    package func receive(
        _ payload: String, at time: String, _ environment: Environment = .production, salt: UInt64 = 0,
        headers: String? = nil
    ) throws -> DeliveryID {
        try receive(Array(payload.utf8), at: time, environment, salt: salt, headers: headers)
    }

    @discardableResult
    package func receive(
        _ payload: [UInt8], at time: String, _ environment: Environment = .production, salt: UInt64 = 0,
        headers: String? = nil
    ) throws -> DeliveryID {
        let moment = Timestamp(time)!
        let hash = ContentHash(of: payload + Array("\(salt)".utf8)).bytes
        let random = hash[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let id = DeliveryID(nanoseconds: UInt64(moment.milliseconds) * 1_000_000, random: random)
        try folder.write(payload, to: "spool/\(environment)/new/\(id).json")
        if let headers { try folder.write(headers.utf8, to: "spool/\(environment)/new/\(id).headers.json") }
        return id
    }

    /// Puts a file into the spool under a name of someone else's.
    package func drop(
        _ payload: String, as name: String, at time: String, _ environment: Environment = .production
    ) throws {
        let path = "spool/\(environment)/new/\(name)"
        try folder.write(payload.utf8, to: path)
        folder.setModified(path, to: Timestamp(time)!.milliseconds)
    }

    /// The names in a part of the spool.
    package func entries(_ environment: Environment = .production, _ part: String = "new") throws -> [String] {
        try folder.files(below: "spool/\(environment)/\(part)")
    }

    // MARK: - The sweep

    @discardableResult
    package func sweep(_ observe: @escaping (Sweep.Point) throws -> Void = { _ in }) throws -> SweepReport {
        try Sweep(configuration, now: now, observe: observe).run()
    }

    /// Sweeps, and returns what was archived, redelivered, and quarantined, as a record has it.
    package func counts() throws -> [Int] {
        let total = try sweep().total
        precondition(total.areConserved)
        return [total.archived, total.redelivered, total.quarantined]
    }

    @discardableResult
    package func decide(
        _ kind: SweepRecord.Kind, _ ids: DeliveryID..., givesNewIDs: Bool = false,
        observe: @escaping (Sweep.Point) throws -> Void = { _ in }
    ) throws -> QuarantineDecision.Report {
        try QuarantineDecision(kind, ids, by: "ada", now: now, givesNewIDs: givesNewIDs, observe: observe)
            .run(spool: configuration.spool, archive: configuration.archive)
    }

    // MARK: - The archive

    package var archive: ArchiveFolder { get throws { try ArchiveFolder(folder("archive")) } }

    package static func archivePath(
        _ business: String?, _ day: String, _ environment: Environment = .production
    ) -> String {
        ArchivePath.archive(in: environment, of: Business(business), on: CivilDate(day)!)
    }

    package static func ledgerPath(
        _ business: String?, _ day: String, _ environment: Environment = .production
    ) -> String {
        ArchivePath.ledger(in: environment, of: Business(business), on: CivilDate(day)!)
    }

    /// The lines of a compressed file, as `zcat` reads it.
    package func lines(_ path: String) throws -> [String] {
        let result = try run("gzip", ["-dc", folder("archive/\(path)")])
        precondition(result.status == 0, result.errors)
        return result.text.split(separator: "\n").map(String.init)
    }

    package func events(_ business: String?, _ day: String, _ environment: Environment = .production) throws
        -> [EventLine]
    {
        try lines(Self.archivePath(business, day, environment)).map { try EventLine(Array($0.utf8)) }
    }

    package func ledger(_ business: String?, _ day: String, _ environment: Environment = .production) throws
        -> [LedgerLine]
    {
        try lines(Self.ledgerPath(business, day, environment)).map { try LedgerLine(Array($0.utf8)) }
    }

    package func redeliveries(
        _ business: String?, _ day: String, _ environment: Environment = .production
    ) throws -> [LedgerLine.Redelivery] {
        try ledger(business, day, environment).compactMap { if case .redelivery(let line) = $0 { line } else { nil } }
    }

    package func quarantines(
        _ day: String, _ environment: Environment = .production
    ) throws -> [LedgerLine.Quarantine] {
        try ledger(nil, day, environment).compactMap { if case .quarantine(let line) = $0 { line } else { nil } }
    }

    /// The paths of all archives and ledgers.
    package var files: [String] {
        get throws {
            try folder.files(below: "archive").filter { $0.hasPrefix("environment=") && $0.hasSuffix(".ndjson.gz") }
        }
    }

    /// What `daybook verify` finds wrong: a sentence each.
    package func findings() throws -> [String] {
        try Verification(archive).run().findings.map { "\($0.path): \($0.what)" }
    }

    // MARK: - The index

    package func removeIndex() {
        folder.remove("archive/_index.sqlite", "archive/_index.sqlite-wal", "archive/_index.sqlite-shm")
    }

    package func dumpIndex() throws -> [String] { try dump(database: folder("archive/_index.sqlite")) }
}
