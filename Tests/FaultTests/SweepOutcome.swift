import Foundation
import TestSupport

/// What a sweep leaves behind, without times, and without what was random when the archive was created.
///
/// A sweep's record and a day's statement say when they were made, and so the statement's hash and the seal's own are
/// others in every run. That they fit together is for `daybook verify` to say.
///
/// A sidecar in `new/` whose payload is gone is none of an outcome: a sweep that ends between the two leaves it, and it
/// goes once it is 36 hours old.
struct SweepOutcome: Sendable {
    let archive: [String: [UInt8]]
    let spool: [String: [UInt8]]
    let index: [String]

    init(of scene: SweepScene) throws {
        let isOfTheMoment = { (path: String) in
            path.hasPrefix("_index.sqlite") || path == "_sweep.lock" || path == ".filler"
        }
        archive = try Tree(scene.folder, "archive", without: isOfTheMoment).files.map(Self.timeless)
        let files = try Tree(scene.folder, "spool", without: isOfTheMoment).files
        spool = files.map(Self.timeless).filter { file in
            !file.key.contains("/new/") || !file.key.hasSuffix(".headers.json")
                || files["\(file.key.dropLast(13)).json"] != nil
        }
        index = try dump(database: scene.folder("archive/_index.sqlite")).map { row in
            switch row.prefix(while: { $0 != " " }) {
            case "sweeps": row.replacing(/started:"[^"]*"/, with: "")
            case "seals": row.replacing(/(sealed|sha256):"[^"]*"/, with: "")
            default: row
            }
        }
    }

    private static func timeless(_ path: String, _ bytes: [UInt8]) -> [UInt8] {
        if path.hasPrefix("_sweeps/"), path.hasSuffix(".gz") || path.hasSuffix("/record"),
            let record = try? run("gzip", ["-dc"], input: bytes), record.status == 0
        {
            return Array(record.text.replacing(/"started":"[^"]*"/, with: "").utf8)
        }
        guard path.hasSuffix(".json") || path.hasSuffix(".sha256") else { return bytes }
        var text = String(decoding: bytes, as: UTF8.self)
        text.replace(/"(started|sealed|archive|salt|checksum)":"[^"]*"/, with: "")
        // A line of sha256sum on a statement or seal; one on a leaf has a folder more in its path.
        text.replace(/[0-9a-f]{64}(?=  _seals\/[^\/\n]*(\n|$))/, with: "")
        return Array(text.utf8)
    }

    /// What sets two outcomes apart: a sentence each.
    func differences(from other: Self) -> [String] {
        Self.differences(archive, other.archive) + Self.differences(spool, other.spool)
            + index.difference(from: other.index).map { "index: \($0)" }
    }

    /// The same without seals: where a delivery came a sweep later, a day may have been sealed before it or after; and
    /// in a new archive the names of leaves are different.
    func differencesInData(from other: Self) -> [String] {
        func data(_ files: [String: [UInt8]]) -> [String: [UInt8]] { files.filter { !$0.key.contains("/_seals/") } }
        func rows(_ index: [String]) -> [String] { index.filter { !$0.hasPrefix("seals ") } }
        return Self.differences(data(archive), data(other.archive)) + Self.differences(spool, other.spool)
            + rows(index).difference(from: rows(other.index)).map { "index: \($0)" }
    }

    private static func differences(_ mine: [String: [UInt8]], _ theirs: [String: [UInt8]]) -> [String] {
        Set(mine.keys).union(theirs.keys).sorted().compactMap { path in
            switch (mine[path], theirs[path]) {
            case (nil, _): "\(path) is missing"
            case (_, nil): "\(path) is there"
            case (let mine?, let theirs?) where mine != theirs:
                "\(path) is other: \(String(decoding: mine.prefix(2000), as: UTF8.self))"
            default: nil
            }
        }
    }
}

extension [String: [UInt8]] {
    fileprivate func map(_ change: (String, [UInt8]) -> [UInt8]) -> Self {
        Dictionary(uniqueKeysWithValues: self.map { ($0.key, change($0.key, $0.value)) })
    }
}
