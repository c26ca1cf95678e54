internal import DurableFiles
internal import Webhooks

/// Reads all leaves of a seal in ascending order of their names, from the files of the revisions that added them. Each
/// leaf has the hash that the seal lists.
package struct LeafReader {
    private let archive: ArchiveFolder
    private let environment: Environment
    private let day: CivilDate
    /// The revision of the seal.
    private let revision: Int
    private var lines: ArraySlice<ChecksumLine>
    private var files: [Int: LeavesFile] = [:]

    /// - Throws: ``ArchiveError`` if the seal cannot be read.
    package init(_ seal: Seal, in archive: ArchiveFolder) throws {
        guard let (day, revision) = SealPath.parse(seal: seal.path) else {
            throw ArchiveError.unreadable(seal.path, "it is not the path of a seal")
        }
        self.archive = archive
        environment = seal.statement.environment
        self.day = day
        self.revision = revision
        lines = try archive.leafLines(of: seal)[...]
    }

    /// The bytes of a leaf, which were not checked yet, so that another thread can check them.
    package struct Unchecked: Sendable {
        package let line: ChecksumLine
        fileprivate let bytes: [UInt8]
        /// The full path of the file that the leaf is in.
        fileprivate let file: String

        /// - Throws: ``ArchiveError`` if the leaf was changed.
        package func checked() throws -> Leaf {
            guard ContentHash(of: bytes) == line.hash else {
                throw ArchiveError.differs(file, "\(line.path) in it does not have the hash in its seal")
            }
            return try Leaf(bytes, path: line.path, in: file)
        }
    }

    /// Returns the next leaf with the line that lists it, or `nil` after the last.
    ///
    /// - Throws: ``ArchiveError`` if a leaf is missing or changed, or if the file of this revision has others.
    package mutating func next() throws -> (line: ChecksumLine, leaf: Leaf)? {
        try nextUnchecked().map { ($0.line, try $0.checked()) }
    }

    /// Returns the bytes of the next leaf, or `nil` after the last.
    ///
    /// - Throws: ``ArchiveError`` if a leaf is missing, or if the file of this revision has others.
    package mutating func nextUnchecked() throws -> Unchecked? {
        guard let line = lines.popFirst() else {
            if let extra = try read(revision) { throw unlisted(extra.path) }
            return nil
        }
        guard let (_, _, wanted) = SealPath.parse(leaf: line.path) else { return nil }
        while let found = try read(wanted) {
            if found.path == line.path {
                return Unchecked(line: line, bytes: found.bytes, file: path(wanted))
            }
            // The leaves that a later revision replaced are in the files of the earlier ones only.
            guard wanted != revision else { throw unlisted(found.path) }
            guard found.path.utf8.lexicographicallyPrecedes(line.path.utf8) else { break }
        }
        throw ArchiveError.differs(path(wanted), "\(line.path) is missing in it")
    }

    private mutating func read(_ revision: Int) throws -> (path: String, bytes: [UInt8])? {
        if files[revision] == nil { files[revision] = try LeavesFile(relativePath(revision), in: archive.root) }
        return try files[revision]?.next()
    }

    private func unlisted(_ leaf: String) -> ArchiveError {
        .differs(path(revision), "it contains \(leaf), which its seal does not list")
    }

    private func relativePath(_ revision: Int) -> String {
        "\(ArchivePath.environment(environment))/\(SealPath.leaves(day, revision))"
    }

    private func path(_ revision: Int) -> String { archive.root.path(of: relativePath(revision)) }
}
