package import Webhooks

/// The paths of the archive's files, relative to the archive's root.
package enum ArchivePath {
    /// `environment=<e>`
    package static func environment(_ environment: Environment) -> String { "environment=\(environment)" }

    /// `environment=<e>/business=<b>/day=<YYYY-MM-DD>/events.ndjson.gz`: the Hive layout.
    ///
    /// - Parameter segment: The business as paths spell it, ``Business/segment``.
    package static func archive(in environment: Environment, segment: String, on day: CivilDate) -> String {
        "\(self.environment(environment))/business=\(segment)/day=\(day)/events.ndjson.gz"
    }

    package static func archive(in environment: Environment, of business: Business, on day: CivilDate) -> String {
        archive(in: environment, segment: business.segment, on: day)
    }

    /// `environment=<e>/_ledger`
    package static func ledgers(in environment: Environment) -> String { "\(self.environment(environment))/_ledger" }

    /// `environment=<e>/_ledger/business=<b>/<YYYY-MM-DD>.ndjson.gz`
    ///
    /// - Parameter segment: The business as paths spell it, ``Business/segment``.
    package static func ledger(in environment: Environment, segment: String, on day: CivilDate) -> String {
        "\(ledgers(in: environment))/business=\(segment)/\(day).ndjson.gz"
    }

    package static func ledger(in environment: Environment, of business: Business, on day: CivilDate) -> String {
        ledger(in: environment, segment: business.segment, on: day)
    }

    /// The parts of the path of an archive or a ledger.
    package struct Parts: Equatable, Sendable {
        package var isLedger: Bool
        package var environment: Environment
        /// The business as the path spells it.
        package var segment: String
        package var day: CivilDate
    }

    /// Returns `nil` if the path is neither an archive's nor a ledger's.
    package static func parse(_ path: String) -> Parts? {
        PathParser.parse(path) { it in
            guard it.skip("environment="), let environment = Environment(rawValue: it.name()), it.skip("/") else {
                return nil
            }
            let isLedger = it.skip("_ledger/")
            guard it.skip("business="), case let segment = it.name(), !segment.isEmpty, it.skip("/"),
                isLedger || it.skip("day="), let day = it.day(), it.skip(isLedger ? ".ndjson.gz" : "/events.ndjson.gz")
            else { return nil }
            return Parts(isLedger: isLedger, environment: environment, segment: segment, day: day)
        }
    }

    /// The folder of sweeps' records and stagings.
    package static let sweeps = "_sweeps"

    /// `_sweeps/<n>.ndjson.gz`
    package static func record(_ sweep: Int) -> String { "\(sweeps)/\(sweep)\(recordSuffix)" }

    /// Returns the number of the sweep that a record is of, or `nil` if the path is not a record's.
    package static func sweep(ofRecord path: String) -> Int? {
        let (folder, name) = split(path)
        guard folder == sweeps, name.hasSuffix(recordSuffix) else { return nil }
        return Int(name.dropLast(recordSuffix.count))
    }

    static let recordSuffix = ".ndjson.gz"

    /// `_sweeps/<n>`
    package static func staging(_ sweep: Int) -> String { "\(sweeps)/\(sweep)" }

    /// The record of a sweep that is not published yet. It is written last: if it exists, everything that it
    /// lists is staged.
    package static func stagedRecord(_ sweep: Int) -> String { "\(staging(sweep))/record" }

    /// A file of a sweep that is not published yet: `_sweeps/<n>/<SHA-256 of its path>.staged`.
    ///
    /// So all of them are in one folder, and none ends in `.gz`, which a glob might match.
    package static func staged(_ path: String, _ sweep: Int) -> String { "\(staging(sweep))/\(stagedName(path))" }

    static func stagedName(_ path: String) -> String { "\(ContentHash(of: Array(path.utf8))).staged" }

    /// Returns the folder part and the last part of a path.
    package static func split(_ path: String) -> (folder: String, name: String) {
        // The slash is searched for by its byte: followed by a combining accent, it is part of another
        // character to Swift.
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        return (String(path[..<slash]), String(path[path.utf8.index(after: slash)...]))
    }
}
