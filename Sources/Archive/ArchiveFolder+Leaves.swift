internal import DurableFiles
package import Webhooks

extension ArchiveFolder {
    /// Returns the statement of a leaf, and the line of the leaf that lists it, which is the last. Both have been
    /// compared with the hash that lists them.
    package func leafStatement(_ environment: Environment, _ leaf: ChecksumLine) throws -> (LeafStatement, ChecksumLine)
    {
        let folder = ArchivePath.environment(environment)
        let full = root.path(of: "\(folder)/\(leaf.path)")
        guard let bytes = try root.contents(of: "\(folder)/\(leaf.path)"), ContentHash(of: bytes) == leaf.hash,
            let line = ChecksumLine.parse(bytes)?.last
        else { throw ArchiveError.differs(full, "it is missing, or does not have the hash in its seal") }
        guard let statement = try root.contents(of: "\(folder)/\(line.path)"), ContentHash(of: statement) == line.hash
        else { throw ArchiveError.differs(full, "its statement is missing, or does not have the hash in the leaf") }
        return (try RecordCoding.decode(LeafStatement.self, from: statement, path: root.path(of: line.path)), line)
    }
}
