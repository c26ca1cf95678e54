internal import DurableFiles
package import Webhooks

extension ArchiveFolder {
    /// Returns one seal, after reading all leaves that it lists.
    ///
    /// - Throws: ``ArchiveError`` if its statement or a leaf does not have the hash in it.
    package func sealWithLeaves(_ environment: Environment, _ path: String) throws -> Seal {
        let seal = try seal(environment, path)
        var leaves = try LeafReader(seal, in: self)
        while try leaves.next() != nil {}
        return seal
    }

    /// Returns the paths of seals that are missing while their statements are there: the sweep that wrote the statement was
    /// interrupted, or the seal was lost.
    package func unfinishedSeals(_ environment: Environment) throws -> [String] {
        let folder = try root.folder("\(ArchivePath.environment(environment))/\(SealPath.folder)")
        let names = Set(try folder?.names(.file) ?? [])
        return names.compactMap { name in
            guard name.hasSuffix(".json") else { return nil }
            let seal = "\(name.dropLast(5)).sha256"
            let path = "\(SealPath.folder)/\(seal)"
            return names.contains(seal) || SealPath.parse(seal: path) == nil ? nil : path
        }.sorted()
    }

    /// Returns the lines of a seal that list its leaves, in ascending order of their names.
    ///
    /// - Throws: ``ArchiveError`` if the seal changed since it was read, or they are not in order.
    package func leafLines(of seal: Seal) throws -> [ChecksumLine] {
        let path = "\(ArchivePath.environment(seal.statement.environment))/\(seal.path)"
        let full = root.path(of: path)
        guard let bytes = try root.contents(of: path), ContentHash(of: bytes) == seal.hash,
            let lines = ChecksumLine.parse(bytes)
        else { throw ArchiveError.differs(full, "it is missing, or was changed") }
        let leaves = lines.filter { SealPath.parse(leaf: $0.path) != nil }
        guard zip(leaves, leaves.dropFirst()).allSatisfy({ $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) })
        else { throw ArchiveError.differs(full, "the leaves that it lists are not in order") }
        return leaves
    }

    /// Returns a business's leaf, or `nil` if the seal lists none.
    ///
    /// It is found without reading the other leaves.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if it cannot be found, or does not have the hash in the seal.
    package func leaf(of business: Business, in seal: Seal) throws -> Leaf? {
        let environment = seal.statement.environment
        guard let (day, _) = SealPath.parse(seal: seal.path) else { return nil }
        let name = leafName(business, day)
        let line = try leafLines(of: seal).first { SealPath.parse(leaf: $0.path)?.name == name }
        guard let line, let (_, _, revision) = SealPath.parse(leaf: line.path) else { return nil }
        let path = SealPath.leaves(day, revision)
        var file = try LeavesFile("\(ArchivePath.environment(environment))/\(path)", in: root)
        guard let bytes = try file.find(line.path), ContentHash(of: bytes) == line.hash else {
            throw ArchiveError.differs(
                file.fullPath, "\(line.path) in it is missing, or does not have the hash in its seal")
        }
        return try Leaf(bytes, path: line.path, in: file.fullPath)
    }
}
