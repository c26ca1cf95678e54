import Archive
import ArchiveIndex
import Batch
import DurableFiles
import Foundation
import Spool
import TestSupport
import Webhooks

/// A spool and an archive in a folder of their own, and a clock that a test sets.
struct SweepFixture {
    let folder: TemporaryDirectory
    var now = Timestamp("2026-11-25T02:00:00.000Z")!
    var configuration: Sweep.Configuration

    init() throws {
        folder = try TemporaryDirectory(inMemory: true)
        configuration = Sweep.Configuration(spool: folder("spool"), archive: folder("archive"))
        _ = try SpoolFolder.make(folder("spool"))
    }

    /// The same spool and archive again, in another folder.
    init(copyOf other: SweepFixture) throws {
        folder = try TemporaryDirectory(inMemory: true)
        now = other.now
        configuration = other.configuration
        configuration.spool = folder("spool")
        configuration.archive = folder("archive")
        try folder.copy("spool", of: other.folder)
        try folder.copy("archive", of: other.folder)
    }

    /// Puts a delivery into the spool as if it had been received at a time.
    @discardableResult
    func receive(
        _ payload: String, at time: String, _ environment: Environment = .production, salt: UInt64 = 0,
        headers: String? = nil
    ) throws -> DeliveryID {
        try receive(Array(payload.utf8), at: time, environment, salt: salt, headers: headers)
    }

    @discardableResult
    func receive(
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
    func drop(_ payload: String, as name: String, at time: String, _ environment: Environment = .production) throws {
        let path = "spool/\(environment)/new/\(name)"
        try folder.write(payload.utf8, to: path)
        folder.setModified(path, to: Timestamp(time)!.milliseconds)
    }

    @discardableResult
    func sweep(_ observe: @escaping (Sweep.Point) throws -> Void = { _ in }) throws -> SweepReport {
        try Sweep(configuration, now: now, observe: observe).run()
    }

    func removeIndex() {
        folder.remove("archive/index.sqlite", "archive/index.sqlite-wal", "archive/index.sqlite-shm")
    }

    var archive: ArchiveFolder { get throws { try ArchiveFolder(folder("archive")) } }

    /// Every file of the archive that is data: archives and ledgers.
    func data() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for path in try folder.files(below: "archive") where path.hasSuffix(".gz") {
            files[path] = try folder.read("archive/\(path)")
        }
        return files
    }

    /// The lines of a compressed file, as `zcat` reads it.
    func lines(_ path: String) throws -> [String] {
        let result = try run("gzip", ["-dc", folder("archive/\(path)")])
        precondition(result.status == 0, result.errors)
        return result.text.split(separator: "\n").map(String.init)
    }

    func entries(_ environment: Environment = .production, _ part: String = "new") throws -> [String] {
        try folder.files(below: "spool/\(environment)/\(part)")
    }
}
