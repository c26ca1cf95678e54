import Foundation
import TestSupport
import Webhooks

/// Whether what a power cut left is recovered by the real programs, and nothing of what was promised is lost.
///
/// Before they run: under a final name there stands nothing that was not whole when it got the name. Then
///
/// 1. `daybook sweep` ends with 0, `daybook verify` too, and a second sweep changes nothing.
/// 2. Each delivery whose 200 had begun to leave stands once in an archive or ledger, with its bytes in the archive or in
///    quarantine, and once more for each time that it was released. So does all that was there before.
/// 3. Each decision of a person stands in a ledger from the end of the command on.
/// 4. Seals that stood when a program ended, or stand on the disk, are as they were.
/// 5. Of one payload in one environment there is one event.
extension PowerLossJourney {
    /// What does not hold: a sentence each.
    func failures(after cut: PowerCut) throws -> [String] {
        try failures(of: history.disk(after: cut), at: cut.moment)
    }

    func failures(of disk: Disk, at moment: Int) throws -> [String] {
        let folder = try TemporaryDirectory(inMemory: true)
        try disk.make(in: folder)
        return failuresBefore(disk, at: moment) + (try failuresOfRecovery(in: folder, at: moment))
    }

    /// Of the disk as it is, which costs no program.
    func failuresBefore(_ disk: Disk, at moment: Int) -> [String] {
        let files = disk.contents()
        var failures = files.filter { Self.isFinal($0.key) && !(history.versions[$0.key]?.contains($0.value) ?? false) }
            .map { "\($0.key) stands there with \($0.value.count) bytes, and never did so" }
        // Nothing leaves `new/` while receivers run.
        if stage(at: moment)?.title == "daybook-receiver" {
            for (id, delivery) in acknowledged where (history.answers[id] ?? .max) <= moment {
                let entry = "spool/\(delivery.environment)/new/\(id)"
                if stages.contains(where: { $0.title != "daybook-receiver" && $0.span.upperBound < moment }) { continue }
                if files["\(entry).json"] != delivery.body {
                    failures.append("\(entry).json was acknowledged, and is not there")
                }
                guard let (name, value) = delivery.headers.first else { continue }
                if files["\(entry).headers.json"] != Array(#"{"\#(name.lowercased())":"\#(value)"}"#.utf8) {
                    failures.append("\(entry).headers.json was acknowledged, and is not there")
                }
            }
        }
        return failures
    }

    /// Whether whoever finds a file under this name takes it to be whole.
    private static func isFinal(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        if path.hasPrefix("spool/") {
            return path.contains("/new/") || path.contains("/quarantine/") && !name.hasPrefix(".")
                || path == "spool/_daybook.json"
        }
        return path.wholeMatch(of: /archive\/(_daybook\.json|_sweeps\/[0-9]+\.json|environment=.*\.gz)/) != nil
            || path.wholeMatch(of: /archive\/environment=[a-z]+\/_seals\/[^.\/][^\/]*/) != nil
    }

    private func failuresOfRecovery(in folder: TemporaryDirectory, at moment: Int) throws -> [String] {
        let due = owed.filter { $0.moment <= moment }
        let answered = acknowledged.filter { (history.answers[$0.id] ?? .max) <= moment }
        guard FileManager.default.fileExists(atPath: folder("spool")) else {
            return due.isEmpty && answered.isEmpty ? [] : ["there is no spool any more"]
        }
        let sealed = try Tree(folder, "") { $0.wholeMatch(of: Self.seal) == nil }.files

        var failures: [String] = []
        func require(_ what: String, _ arguments: [String]) throws -> Bool {
            let result = try TestSupport.run(daybook, arguments)
            if result.status == 0 { return true }
            failures.append("\(what) ended with \(result.status): \(result.text)\(result.errors)")
            return false
        }
        let sweep = ["sweep"] + Self.places(folder) + options
        let verify = ["verify", "--archive", folder("archive")]
        guard try require("the sweep", sweep), try require("verify", verify) else { return failures }

        let first = try Standing(folder)
        failures += try lost(due, answered, first, folder)
        for (path, bytes) in sealed.merging(stages.last { $0.span.upperBound <= moment }?.seals ?? [:], uniquingKeysWith: { $1 })
        where first.files[path] != bytes { failures.append("\(path) was there, and is another or none") }
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
            files = try Tree(folder, "") { $0.hasPrefix("archive/index.sqlite") || $0.hasSuffix("_sweep.lock") }.files
            index = try dump(database: folder("archive/index.sqlite"))
        }
    }

    /// What is owed and is not there as often as it has to be: a sentence each.
    private func lost(
        _ due: [Owed], _ answered: [(id: String, delivery: Delivery)], _ standing: Standing, _ folder: TemporaryDirectory
    ) throws -> [String] {
        var failures: [String] = []
        let lines = try ArchiveLines(in: folder).lines
        let byID = Dictionary(grouping: lines, by: \.id)
        for owed in due where !(byID[owed.id] ?? []).contains(where: { $0.text.hasPrefix(owed.line) }) {
            failures.append("\(owed.id) has no line any more that begins \(owed.line)")
        }
        for (id, delivery) in answered {
            let hash = ContentHash(of: delivery.body).description
            let line = byID[id]?.first { !$0.isDecision && $0.sha256 == hash }
            guard let line else {
                failures.append("\(id) was acknowledged, and is in no archive or ledger")
                continue
            }
            let data = ",\"data\":\(String(decoding: delivery.body, as: UTF8.self))}"
            if line.kind == nil, !line.text.hasSuffix(data) { failures.append("the bytes of \(id) are other ones") }
            if line.kind == "redelivery", !lines.contains(where: { $0.kind == nil && $0.sha256 == hash }) {
                failures.append("\(id) is a redelivery of nothing")
            }
        }
        for (id, lines) in byID {
            let times = lines.count { !$0.isDecision }
            let releases = lines.count { $0.kind == "release" }
            if times != 1 + releases { failures.append("\(id) has \(times) lines, and was released \(releases) times") }
            guard let held = lines.last(where: { $0.kind == "quarantine" }), !lines.contains(where: { $0.kind == "discard" })
            else { continue }
            let payloads = standing.files.filter {
                $0.key.hasPrefix("spool/") && $0.key.hasSuffix("/quarantine/\(id).json")
            }
            if payloads.count != 1 || payloads.values.first.map({ ContentHash(of: $0).description }) != held.sha256 {
                failures.append("\(id) is not held in quarantine to the byte")
            }
        }
        let events = lines.filter { $0.kind == nil }
        for (payload, lines) in Dictionary(grouping: events, by: { [$0.source, $0.sha256] }) where lines.count > 1 {
            failures.append("\(lines.count) events have the payload \(payload)")
        }
        let waiting = standing.files.keys.filter { $0.contains("/new/") && !$0.hasSuffix(".headers.json") }
        failures += waiting.filter { !$0.hasSuffix(".keep") && !$0.hasSuffix(".gitkeep") }.map { "\($0) waits" }
        return failures
    }
}
