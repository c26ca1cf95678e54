/// One business's part of a seal:
///
///     # {"archive":{…},"archived":2,"business":"acme",…}            the statement
///     <SHA-256>  business=acme/day=2026-11-23/events.ndjson.gz      the archive file, if there is one
///     <SHA-256>  _ledger/business=acme/2026-11-23.ndjson.gz         the ledger, if there is one
///
/// `sha256sum -c` skips the first line as a comment.
package struct Leaf: Equatable, Sendable {
    /// The path in the file of leaves, from the environment's folder.
    package let path: String
    package let statement: LeafStatement
    package let files: [ChecksumLine]
    /// The bytes, of which the seal has the hash.
    package let bytes: [UInt8]

    private static let comment: [UInt8] = [UInt8(ascii: "#"), UInt8(ascii: " ")]

    package init(path: String, statement: LeafStatement) {
        self.path = path
        self.statement = statement
        files = Self.files(of: statement)
        bytes = Self.comment + statement.line + files.flatMap { $0.text.utf8 }
    }

    /// Parses the bytes of a leaf. Whether the files are those of the statement is not checked.
    ///
    /// - Parameter file: The full path of the file of leaves, for messages.
    /// - Throws: ``ArchiveError/unreadable(_:_:)``.
    package init(_ bytes: [UInt8], path: String, in file: String) throws {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        let rest = Array(bytes[end...].dropFirst())
        guard bytes.starts(with: Self.comment), let files = rest.isEmpty ? [] : ChecksumLine.parse(rest) else {
            throw ArchiveError.unreadable(file, "\(path) in it is not a statement and a list of hashes")
        }
        self.path = path
        self.files = files
        self.bytes = bytes
        do {
            statement = try bytes.span.withUnsafeBytes { bytes throws(LineFault) in
                try LeafStatement(UnsafeRawBufferPointer(rebasing: bytes[Self.comment.count..<end]))
            }
        } catch {
            throw ArchiveError.unreadable(file, "the statement of \(path) in it cannot be parsed: \(error)")
        }
        guard Self.files(of: statement).allSatisfy(\.isWritable) else {
            throw ArchiveError.unreadable(file, "a path in the statement of \(path) is empty or has a line feed")
        }
    }

    private static func files(of statement: LeafStatement) -> [ChecksumLine] {
        [statement.archive, statement.ledger].compactMap { $0?.checksumLine }
    }
}
