package import Webhooks

/// The path of a file of the archive, relative to the archive's root.
package enum ArchivePath {
    /// `environment=<e>`
    package static func environment(_ environment: Environment) -> String { "environment=\(environment)" }

    /// `environment=<e>/business=<b>/day=<YYYY-MM-DD>/events.ndjson.gz`: the Hive layout.
    package static func archive(in environment: Environment, of business: Business, on day: CivilDate) -> String {
        "environment=\(environment)/business=\(business.segment)/day=\(day)/events.ndjson.gz"
    }

    /// `environment=<e>/_ledger/business=<b>/<YYYY-MM-DD>.ndjson.gz`
    package static func ledger(in environment: Environment, of business: Business, on day: CivilDate) -> String {
        "environment=\(environment)/_ledger/business=\(business.segment)/\(day).ndjson.gz"
    }

    /// The parts of the path of an archive or a ledger.
    package struct Parts: Equatable, Sendable {
        package var isLedger: Bool
        package var environment: Environment
        /// The business as it is written in the path.
        package var segment: String
        package var day: CivilDate
    }

    /// nil where the path is neither an archive's nor a ledger's.
    package static func parse(_ path: String) -> Parts? {
        // By its bytes, as in ``split(_:)``.
        var parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            Substring($0)
        }[...]
        func value(_ part: Substring?, _ name: String) -> Substring? {
            part.flatMap { $0.hasPrefix("\(name)=") ? $0.dropFirst(name.count + 1) : nil }
        }
        guard let environment = value(parts.popFirst(), "environment").flatMap({ Environment(rawValue: String($0)) })
        else {
            return nil
        }
        let isLedger = parts.first == "_ledger"
        if isLedger { parts.removeFirst() }
        guard let segment = value(parts.popFirst(), "business"), !segment.isEmpty else { return nil }
        let day: Substring?
        if isLedger {
            guard let name = parts.popFirst(), name.hasSuffix(".ndjson.gz") else { return nil }
            day = name.dropLast(10)
        } else {
            day = value(parts.popFirst(), "day")
            guard parts.popFirst() == "events.ndjson.gz" else { return nil }
        }
        guard parts.isEmpty, let day = day.flatMap({ CivilDate($0) }) else { return nil }
        return Parts(isLedger: isLedger, environment: environment, segment: String(segment), day: day)
    }

    /// Where sweeps stage and leave their records.
    package static let sweeps = "_sweeps"

    /// `_sweeps/<n>.json`
    package static func record(_ sweep: Int) -> String { "\(sweeps)/\(sweep).json" }

    /// `_sweeps/<n>`
    package static func staging(_ sweep: Int) -> String { "\(sweeps)/\(sweep)" }

    /// The record while its sweep is not yet published. It is written last: if it is there, all that it lists is
    /// staged.
    package static func stagedRecord(_ sweep: Int) -> String { "\(staging(sweep))/sweep.json" }

    /// A file of the archive while its sweep is not yet published: `_sweeps/<n>/<SHA-256 of its path>.staged`.
    ///
    /// So all are in one folder, and none ends in `.gz`: no glob counts it.
    package static func staged(_ path: String, _ sweep: Int) -> String { "\(staging(sweep))/\(stagedName(path))" }

    static func stagedName(_ path: String) -> String { "\(ContentHash(of: Array(path.utf8))).staged" }

    /// The folder part and the last part of a path.
    package static func split(_ path: String) -> (folder: String, name: String) {
        // By its byte: with an accent after it, Swift takes a slash for half of another character.
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        return (String(path[..<slash]), String(path[path.utf8.index(after: slash)...]))
    }
}
