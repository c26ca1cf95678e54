import Foundation
import TestSupport
import Webhooks

/// A spool and an archive before a sweep, as files alone: the programs work on copies of it.
///
/// All days are long over, whenever the tests run, but one that will be for long to come.
struct SweepScene: Sendable {
    let folder: TemporaryDirectory
    var root: String { folder.path }

    private init() throws { folder = try TemporaryDirectory(inMemory: true) }

    /// The same in another folder.
    ///
    /// - Parameter parts: which of its folders.
    init(copyOf other: SweepScene, _ parts: [String] = ["spool", "archive"]) throws {
        try self.init()
        guard FileManager.default.fileExists(atPath: other.folder("spool")) else {
            throw SceneError(what: "somebody took \(other.root) away")
        }
        for part in parts where FileManager.default.fileExists(atPath: other.folder(part)) {
            try folder.copy(part, of: other.folder)
        }
    }

    /// A spool that was never swept, and no archive.
    static func first() throws -> SweepScene {
        let scene = try SweepScene()
        try scene.receive(event(1, of: "acme"), at: "2024-11-24T08:00:00.000Z")
        try scene.receive(event(1, of: "acme"), at: "2024-11-24T08:01:00.000Z")
        try scene.receive("[", at: "2024-11-24T09:00:00.000Z", .sandbox)
        return scene
    }

    /// The eve of a sweep that meets whatever a sweep can meet.
    ///
    /// A first sweep has run, and sealed its day. Now there is late data for that day, which its archive must grow by
    /// and be sealed again; redeliveries of what the first sweep kept, and within this one, equal and differing; what
    /// must be quarantined, with a sidecar and without; an id that is used twice; a file that somebody put there; a
    /// business whose name is too long for a path; equal bytes in both environments; a day that is not over; and what a
    /// receiver left unfinished.
    static func eventful() throws -> SweepScene {
        let scene = try SweepScene()
        let long = String(repeating: "Société Générale ", count: 9)
        let first = try scene.receive(event(1, of: "acme"), at: "2024-11-24T08:00:00.000Z")
        try scene.receive(event(2, of: long), at: "2024-11-24T23:59:59.999Z")
        try scene.receive(event(3, of: "acme"), at: "2024-11-24T09:00:00.000Z", .sandbox)
        let sweep = try run(daybook, scene.sweep)
        guard sweep.status == 0 else { throw SceneError(what: sweep.errors) }

        try scene.receive(event(4, of: "acme"), at: "2024-11-24T10:00:00.000Z")
        try scene.drop(event(5, of: "acme"), as: "backfill 5", at: "2024-11-24T11:00:00.000Z")
        try scene.receive(event(1, of: "acme"), at: "2024-11-25T00:00:00.000Z")
        try scene.receive(event(1, of: "acme", sent: 9), at: "2024-11-25T01:00:00.000Z")
        try scene.receive(event(2, of: long), at: "2024-11-25T02:00:00.000Z")
        try scene.receive(event(6, of: nil), at: "2024-11-25T03:00:00.000Z", headers: #"{"webhook-id":"six"}"#)
        try scene.receive(event(6, of: nil, sent: 1), at: "2024-11-25T04:00:00.000Z", headers: #"{"webhook-id":"six"}"#)
        try scene.receive(#"{"event":"X","data":1e400"#, at: "2024-11-25T05:00:00.000Z", headers: #"{"a":"b"}"#)
        try scene.folder.write(event(7, of: "acme").utf8, to: "spool/production/new/\(first).json")
        try scene.receive(event(8, of: "acme"), at: "2099-01-01T00:00:00.000Z")
        try scene.receive(event(4, of: "acme"), at: "2024-11-25T06:00:00.000Z", .sandbox)
        try scene.receive("[]", at: "2024-11-25T07:00:00.000Z", .sandbox)
        let leftover = "spool/production/tmp/unfinished.json"
        try scene.folder.write([], to: leftover)
        scene.folder.setModified(leftover, to: 0)
        return scene
    }

    private static func event(_ number: Int, of business: String?, sent: Int = 0) -> String {
        let name = business.map { #""business_id":"\#($0)","# } ?? ""
        return #"{"event":"RECORD_CREATED","data":{\#(name)"n":\#(number),"sent_at":\#(sent)}}"#
    }

    /// Puts a delivery into the spool as if it had been received at a time.
    @discardableResult
    private func receive(
        _ payload: String, at time: String, _ environment: Environment = .production, headers: String? = nil
    ) throws -> DeliveryID {
        let hash = ContentHash(of: Array(payload.utf8)).bytes
        let id = DeliveryID(
            nanoseconds: UInt64(Timestamp(time)!.milliseconds) * 1_000_000,
            random: hash[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        try folder.write(payload.utf8, to: "spool/\(environment)/new/\(id).json")
        if let headers { try folder.write(headers.utf8, to: "spool/\(environment)/new/\(id).headers.json") }
        return id
    }

    /// Puts a file into the spool under a name of someone else's.
    private func drop(_ payload: String, as name: String, at time: String) throws {
        try folder.write(payload.utf8, to: "spool/production/new/\(name)")
        folder.setModified("spool/production/new/\(name)", to: Timestamp(time)!.milliseconds)
    }

    // MARK: What is run on it

    var places: [String] { ["--spool", folder("spool"), "--archive", folder("archive")] }

    /// Arguments of the sweep, all on one thread.
    var sweep: [String] { sweep(threads: 1) }

    func sweep(threads: Int) -> [String] {
        ["sweep"] + places
            + ["--id-header", "webhook-id", "--ignore-pointer", "/data/sent_at", "--threads", "\(threads)"]
    }

    var verify: [String] { ["verify", "--archive", folder("archive")] }

    /// The paths of the files in `new/`, relative to the spool.
    func waiting() throws -> [String] { try folder.files(below: "spool").filter { $0.contains("/new/") } }
}

struct SceneError: Error { let what: String }

let daybook = "\(buildFolder)/daybook"
