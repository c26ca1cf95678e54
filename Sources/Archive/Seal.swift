internal import Crypto
internal import DurableFiles
package import Webhooks

// A seal closes an environment's day. It is three files in the environment's folder, however many businesses there are:
//
//     _seals/<day>.leaves.tar.gz    the leaves, one for each business: see ``Leaf`` and ``LeavesFile``
//     _seals/<day>.json             the environment's statement: the sums, and the seal before
//     _seals/<day>.sha256           the seal: the hashes of all leaves, the statement, and the seal before
//
// Seals and leaves have the format of `sha256sum`, with paths relative to the environment's folder. With the leaves
// unpacked there, `sha256sum -c` checks a seal's day and the link to the seal before, or a leaf and its business. A
// leaf's name is a keyed hash: an auditor who is given one leaf and the seal learns how many other businesses there
// are, but not their names.
//
// The seal's rename is the commit: leaves and a statement without a seal are leftovers, and may be overwritten. Late
// data results in revision 2: `<day>.r2.sha256`, `<day>.r2.json` and `<day>.r2.leaves.tar.gz`, which has leaves, with
// `.r2` in their names, for the businesses that changed. The seal lists the others from the earlier revisions. A file of
// a seal is never rewritten.

/// A seal, as parsed from its files.
package struct Seal: Equatable, Sendable {
    package var statement: DayStatement
    /// The path, relative to the environment's folder.
    package var path: String
    /// The SHA-256 of the seal file.
    package var hash: ContentHash
    /// The number of leaves that it lists.
    package var leaves: Int
    /// The previous seal, or `nil` for the first.
    package var previous: ChecksumLine?

    package init(
        statement: DayStatement, path: String, hash: ContentHash, leaves: Int, previous: ChecksumLine?
    ) {
        self.statement = statement
        self.path = path
        self.hash = hash
        self.leaves = leaves
        self.previous = previous
    }
}

extension ArchiveFolder {
    /// Returns the name of a business's leaf: the first 32 hex digits of HMAC-SHA256 (RFC 2104) with the
    /// archive's salt over the business as its paths spell it, a zero byte, and the day.
    package func leafName(_ business: Business, _ day: CivilDate) -> String {
        let key = SymmetricKey(data: Hex.decode(identity.salt.utf8) ?? [])
        let message = Array(business.segment.utf8) + [0] + Array(day.description.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
        return Hex.encode(code.prefix(SealPath.leafNameCount / 2))
    }

    /// Returns the paths of an environment's seals, relative to that environment's folder.
    package func sealPaths(_ environment: Environment) throws -> [String] {
        let folder = try root.folder("\(ArchivePath.environment(environment))/\(SealPath.folder)")
        return try (folder?.names(.file) ?? []).map { "\(SealPath.folder)/\($0)" }.filter {
            SealPath.parse(seal: $0) != nil
        }
    }

    /// Returns one seal and its statement, as parsed from their files. The files that they list are not checked.
    package func seal(_ environment: Environment, _ path: String) throws -> Seal {
        let folder = ArchivePath.environment(environment)
        let full = root.path(of: "\(folder)/\(path)")
        guard let (day, revision) = SealPath.parse(seal: path), let bytes = try root.contents(of: "\(folder)/\(path)"),
            let lines = ChecksumLine.parse(bytes)
        else { throw ArchiveError.unreadable(full, "it is not a list of hashes") }
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
            leaves: lines.count { SealPath.parse(leaf: $0.path) != nil },
            previous: lines.last { SealPath.parse(seal: $0.path) != nil })
    }
}
