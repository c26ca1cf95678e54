import Foundation
import TestSupport
import Webhooks

/// What the programs promised up to a moment.
struct Promises: Sendable {
    /// A line that must be in an archive or ledger.
    struct Line: Sendable {
        let id: String
        /// Its begin, or all of it.
        let text: String
    }

    /// Deliveries that were answered 200, with their ids.
    var acknowledged: [(id: String, delivery: Delivery)] = []
    var lines: [Line] = []
    /// Seals: their bytes by path.
    var seals: [String: [UInt8]] = [:]
    /// Of the sweep.
    var options: [String] = []
}

/// Whether what a power cut left is recovered by the real programs, and no promise is broken:
///
/// 1. `daybook sweep` ends with 0, `daybook verify` too, and a second sweep changes nothing.
/// 2. Each delivery whose 200 had begun to be sent is once in an archive or ledger, with its bytes in the archive or in
///    quarantine, and once more for each time that it was released. So does all that was there before.
/// 3. Each decision of a person is in a ledger once the command has ended.
/// 4. Seals that existed when a program ended, or are on the disk, are unchanged.
/// 5. Of one payload in one environment, or of one id that a sender gave, there is one event.
extension Promises {
    /// What does not hold: a sentence each.
    func broken(in folder: TemporaryDirectory) throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder("spool")) else {
            return lines.isEmpty && acknowledged.isEmpty ? [] : ["there is no spool any more"]
        }
        let sealed = try Tree(folder, "") { $0.wholeMatch(of: Self.seal) == nil }.files.merging(seals) { $1 }

        var failures: [String] = []
        func require(_ what: String, _ arguments: [String]) throws -> Bool {
            let result = try run(daybook, arguments)
            if result.status == 0 { return true }
            failures.append("\(what) ended with \(result.status): \(result.text)\(result.errors)")
            return false
        }
        let sweep = ["sweep"] + PowerLossJourney.places(folder) + options
        let verify = ["verify", "--archive", folder("archive")]
        guard try require("the sweep", sweep), try require("verify", verify) else { return failures }

        let first = try Standing(folder)
        failures += try lost(first, folder)
        for (path, bytes) in sealed where first.files[path] != bytes {
            failures.append("\(path) was there, and is another or none")
        }
        guard try require("the second sweep", sweep) else { return failures }
        let second = try Standing(folder)
        for path in Set(first.files.keys).union(second.files.keys) where first.files[path] != second.files[path] {
            failures.append("the second sweep changed \(path)")
        }
        if first.index != second.index { failures.append("the second sweep changed the index") }
        return failures
    }

    private static var seal: Regex<Substring> { /archive\/environment=[a-z]+\/_seals\/[^.\/][^\/]*\.sha256/ }

    /// All that a run may leave or change.
    private struct Standing {
        let files: [String: [UInt8]]
        let index: [String]

        init(_ folder: TemporaryDirectory) throws {
            files = try Tree(folder, "") { $0.hasPrefix("archive/_index.sqlite") || $0.hasSuffix("_sweep.lock") }.files
            index = try dump(database: folder("archive/_index.sqlite"))
        }
    }

    /// What is owed and is not there as often as it has to be: a sentence each.
    private func lost(_ standing: Standing, _ folder: TemporaryDirectory) throws -> [String] {
        var failures: [String] = []
        let found = try ArchiveLines(in: folder).lines
        let byID = Dictionary(grouping: found, by: \.id)
        for line in lines where !(byID[line.id] ?? []).contains(where: { $0.text.hasPrefix(line.text) }) {
            failures.append("\(line.id) has no line any more that begins \(line.text)")
        }
        for (id, delivery) in acknowledged {
            let hash = ContentHash(of: delivery.body).description
            let line = byID[id]?.first { !$0.isDecision && $0.sha256 == hash }
            guard let line else {
                failures.append("\(id) was acknowledged, and is in no archive or ledger")
                continue
            }
            let data = ",\"data\":\(String(decoding: delivery.body, as: UTF8.self))}"
            if line.kind == nil, !line.text.hasSuffix(data) { failures.append("the bytes of \(id) are other ones") }
            if line.kind == "redelivery", !found.contains(where: { $0.kind == nil && $0.sha256 == hash }) {
                failures.append("\(id) is a redelivery of nothing")
            }
        }
        for (id, lines) in byID {
            let times = lines.count { !$0.isDecision }
            let releases = lines.count { $0.kind == "release" }
            if times != 1 + releases { failures.append("\(id) has \(times) lines, and was released \(releases) times") }
            guard let held = lines.last(where: { $0.kind == "quarantine" }),
                !lines.contains(where: { $0.kind == "discard" })
            else { continue }
            let payloads = standing.files.filter {
                $0.key.hasPrefix("spool/") && $0.key.hasSuffix("/quarantine/\(id).json")
            }
            if payloads.count != 1 || payloads.values.first.map({ ContentHash(of: $0).description }) != held.sha256 {
                failures.append("\(id) is not held in quarantine to the byte")
            }
        }
        let events = found.filter { $0.kind == nil }
        for (key, lines) in Dictionary(grouping: events, by: { [$0.source, $0.key ?? $0.sha256] }) where lines.count > 1
        {
            failures.append("\(lines.count) events are the same one: \(key)")
        }
        let waiting = standing.files.keys.filter { $0.contains("/new/") && !$0.hasSuffix(".headers.json") }
        failures += waiting.filter { !$0.hasSuffix(".keep") && !$0.hasSuffix(".gitkeep") }.map { "\($0) waits" }
        return failures
    }
}
