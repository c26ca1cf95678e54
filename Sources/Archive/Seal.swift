internal import Crypto
internal import DurableFiles
internal import Foundation
package import Webhooks

// A seal closes an environment's day. In the environment's folder, for the day and its first revision:
//
//     _seals/<day>/<name>.json      a business's statement: its counts; lengths and hashes of its archive and ledger
//     _seals/<day>/<name>.sha256    its leaf: the hashes of its archive, its ledger, and its statement
//     _seals/<day>.json             the environment's statement: the sums, and the seal before
//     _seals/<day>.sha256           the seal: the hashes of all leaves, the statement, and the seal before
//
// All `.sha256` files are as `sha256sum` writes them, paths from the environment's folder on; so `sha256sum -c` there
// checks a seal's day and the link before it, and each leaf its business. A leaf's name is a keyed hash: who is given
// one leaf and the seal learns no other business's name (how many there are does show).
//
// The seal's rename is the commit: leaves and statements that no seal lists are leftovers, and may be written again.
// Late data makes revision 2: `<day>.r2.sha256`, `<day>.r2.json`, and leaves with `.r2` for the businesses that
// changed. What a seal lists is never rewritten.

/// A seal as read from its files.
package struct Seal: Equatable, Sendable {
    package var statement: DayStatement
    /// Seen from the environment's folder.
    package var path: String
    /// Of the seal's own bytes.
    package var hash: ContentHash
    package var leaves: [ChecksumLine]
    /// The seal before; nil for the first.
    package var previous: ChecksumLine?

    package init(
        statement: DayStatement, path: String, hash: ContentHash, leaves: [ChecksumLine], previous: ChecksumLine?
    ) {
        self.statement = statement
        self.path = path
        self.hash = hash
        self.leaves = leaves
        self.previous = previous
    }
}

/// A line of `sha256sum`'s output.
package struct ChecksumLine: Equatable, Sendable {
    package var hash: ContentHash
    package var path: String

    package init(hash: ContentHash, path: String) {
        self.hash = hash
        self.path = path
    }

    package var text: String { "\(hash)  \(path)\n" }

    /// All lines of a file; nil where one has another form.
    package static func parse(_ bytes: [UInt8]) -> [ChecksumLine]? {
        // By their bytes, as sha256sum sees them: to Swift, CR and LF together are one character, and end no line.
        let lineFeed = UInt8(ascii: "\n")
        guard bytes.last == lineFeed else { return nil }
        var lines: [ChecksumLine] = []
        for line in bytes.dropLast().split(separator: lineFeed, omittingEmptySubsequences: false) {
            guard line.count > 66, line.dropFirst(64).starts(with: "  ".utf8),
                let hash = ContentHash(hex: String(decoding: line.prefix(64), as: UTF8.self)),
                let path = String(validating: line.dropFirst(66), as: UTF8.self)
            else { return nil }
            lines.append(ChecksumLine(hash: hash, path: path))
        }
        return lines
    }
}

/// An environment's statement on a day: `_seals/<day>.json`.
package struct DayStatement: Codable, Equatable, Sendable {
    package var archive: String
    package var environment: Environment
    package var day: String
    /// From 1 on, of this day.
    package var revision: Int
    /// From 1 on, of this environment: the place in the chain.
    package var number: Int
    /// The last sweep whose lines are counted here.
    package var sweep: Int
    /// RFC 3339, UTC.
    package var sealed: String
    package var leaves: Int
    package var counts: Counts
    /// The path of the seal before; nil for the first.
    package var previous: String?
}

/// A business's statement on a day: `_seals/<day>/<name>.json`.
package struct LeafStatement: Codable, Equatable, Sendable {
    package var environment: Environment
    /// Absent for what is unassigned.
    package var business: String?
    package var day: String
    package var revision: Int
    package var archived: Int
    package var redelivered: Int
    package var quarantined: Int
    package var released: Int
    package var discarded: Int
    package var archive: File?
    package var ledger: File?

    package struct File: Codable, Equatable, Sendable {
        /// Seen from the environment's folder.
        package var path: String
        package var lines: Int
        /// In bytes.
        package var textBytes: Int
        package var textSHA256: String
        /// In bytes.
        package var gzipBytes: Int
        package var gzipSHA256: String

        enum CodingKeys: String, CodingKey {
            case path, lines
            case textBytes = "text_bytes"
            case textSHA256 = "text_sha256"
            case gzipBytes = "gzip_bytes"
            case gzipSHA256 = "gzip_sha256"
        }
    }
}

/// The names of a seal's files, seen from the environment's folder.
package enum SealPath {
    package static let folder = "_seals"

    private static func suffix(_ revision: Int) -> String { revision == 1 ? "" : ".r\(revision)" }

    package static func seal(_ day: CivilDate, _ revision: Int) -> String {
        "\(folder)/\(day)\(suffix(revision)).sha256"
    }

    package static func statement(_ day: CivilDate, _ revision: Int) -> String {
        "\(folder)/\(day)\(suffix(revision)).json"
    }

    package static func leaf(on day: CivilDate, name: String, revision: Int) -> String {
        "\(folder)/\(day)/\(name)\(suffix(revision)).sha256"
    }

    package static func leafStatement(on day: CivilDate, name: String, revision: Int) -> String {
        "\(folder)/\(day)/\(name)\(suffix(revision)).json"
    }

    /// The day and revision in the path of a seal; nil for any other path.
    package static func parse(seal path: String) -> (day: CivilDate, revision: Int)? {
        guard path.hasPrefix("\(folder)/"), path.hasSuffix(".sha256") else { return nil }
        let middle = path.dropFirst(folder.count + 1).dropLast(7)
        guard let day = CivilDate(middle.prefix(10)) else { return nil }
        let rest = middle.dropFirst(10)
        if rest.isEmpty { return (day, 1) }
        guard rest.hasPrefix(".r"), let revision = Int(rest.dropFirst(2)), revision > 1,
            path == seal(day, revision)
        else { return nil }
        return (day, revision)
    }
}

extension ArchiveFolder {
    /// The name of a business's leaf: the first 32 hex digits of HMAC-SHA256 (RFC 2104) with the archive's salt over
    /// the business as it is written in a path, a zero byte, and the day.
    package func leafName(_ business: Business, _ day: CivilDate) -> String {
        let key = SymmetricKey(data: Hex.decode(identity.salt.utf8) ?? [])
        let message = Array(business.segment.utf8) + [0] + Array(day.description.utf8)
        return String(Hex.encode(HMAC<SHA256>.authenticationCode(for: message, using: key)).prefix(32))
    }

    /// The folder of an environment's seals, relative to that environment's folder.
    package func sealPaths(_ environment: Environment) throws -> [String] {
        let folder = try root.folder("\(ArchivePath.environment(environment))/\(SealPath.folder)")
        return try (folder?.names(.file) ?? []).map { "\(SealPath.folder)/\($0)" }.filter {
            SealPath.parse(seal: $0) != nil
        }
    }

    /// The seals of an environment as read from their files, in the order of the chain.
    package func seals(_ environment: Environment) throws -> [Seal] {
        try sealPaths(environment).map { try seal(environment, $0) }.sorted {
            $0.statement.number < $1.statement.number
        }
    }

    /// One seal and its statement as read from their files. What they list is not checked.
    package func seal(_ environment: Environment, _ path: String) throws -> Seal {
        let folder = ArchivePath.environment(environment)
        let full = root.path(of: "\(folder)/\(path)")
        guard let (day, revision) = SealPath.parse(seal: path), let bytes = try root.contents(of: "\(folder)/\(path)"),
            let lines = ChecksumLine.parse(bytes)
        else { throw ArchiveError.unreadable(full, "it is no list of hashes") }
        let statementPath = SealPath.statement(day, revision)
        guard let statementBytes = try root.contents(of: "\(folder)/\(statementPath)") else {
            throw ArchiveError.differs(full, "its statement \(statementPath) is missing")
        }
        guard lines.contains(ChecksumLine(hash: ContentHash(of: statementBytes), path: statementPath)) else {
            throw ArchiveError.differs(
                root.path(of: "\(folder)/\(statementPath)"), "its hash is not the one in \(path)")
        }
        let statement = try RecordCoding.decode(
            DayStatement.self, from: statementBytes, path: root.path(of: "\(folder)/\(statementPath)"))
        return Seal(
            statement: statement, path: path, hash: ContentHash(of: bytes),
            leaves: lines.filter { $0.path.hasPrefix("\(SealPath.folder)/\(day)/") },
            previous: lines.last { SealPath.parse(seal: $0.path) != nil })
    }
}
