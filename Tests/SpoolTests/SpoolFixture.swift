import DurableFiles
import Foundation
import Spool
import TestSupport
import Webhooks

/// A spool in a temporary folder, and its production environment.
struct SpoolFixture {
    let folder: TemporaryDirectory
    let spool: SpoolFolder
    let part: EnvironmentSpool

    init() throws {
        folder = try TemporaryDirectory()
        spool = try SpoolFolder.make(folder("spool"))
        part = try spool.environment(.production)!
    }

    /// Puts a file under `spool/production/`.
    func write(_ text: String, to path: String, at time: String? = nil) throws {
        try folder.write(text.utf8, to: "spool/production/\(path)")
        if let time { folder.setModified("spool/production/\(path)", to: Timestamp(time)!.milliseconds) }
    }

    func text(_ path: String) throws -> String {
        String(decoding: try folder.read("spool/production/\(path)"), as: UTF8.self)
    }

    /// The files of all three folders, with paths relative to `spool/production/`.
    var files: [String] { get throws { try folder.files(below: "spool/production") } }

    /// Returns the first entry, with a note like that of a sweep.
    func firstEntryToQuarantine() throws -> (entry: SpoolEntry, note: QuarantineNote) {
        let entry = try part.scan().entries[0]
        let contents = try part.read(entry)
        let note = QuarantineNote(
            id: entry.id, name: entry.name.body, time: entry.time, hash: contents.hash, size: contents.size,
            reason: "syntax: broken", at: 3)
        return (entry, note)
    }
}
