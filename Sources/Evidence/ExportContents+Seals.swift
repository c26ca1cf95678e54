internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

extension ExportContents {
    /// What the newest seal of a day closes.
    struct Closed {
        var seal: SealEntry
        /// The counts of the selected businesses.
        var statements: [LeafStatement] = []
        /// The number of received deliveries in the environment's statement, or 0 unless all businesses are
        /// selected, since it covers other businesses too.
        var received = 0
    }

    /// Adds an environment's seals, and the leaves of the selected days.
    mutating func addSeals(
        of environment: Environment, on days: Set<CivilDate>, _ archive: ArchiveFolder, _ snapshot: IndexSnapshot
    ) throws -> [CivilDate: Closed] {
        let chain = try snapshot.seals(environment)
        guard let first = chain.firstIndex(where: { days.contains($0.day) }),
            let last = chain.lastIndex(where: { days.contains($0.day) })
        else { return [:] }
        let folder = ArchivePath.environment(environment)
        var closed: [CivilDate: Closed] = [:]
        var taken: Set<String> = []
        for known in chain[max(0, first - 1)...last] {
            let seal = try archive.seal(environment, known.path)
            guard seal.hash == known.hash, seal.statement.number == known.number else {
                throw ArchiveError.differs(
                    archive.root.path(of: "\(folder)/\(known.path)"),
                    "its SHA-256 is not \(known.hash), which the index has")
            }
            let signature = SealSignature.path(ofSeal: "\(folder)/\(known.path)")
            let isSigned = try archive.root.status(of: signature) != nil
            let entry = SealEntry(
                environment: environment, number: known.number, day: known.day, revision: known.revision,
                path: known.path, hash: known.hash, isSigned: isSigned, leaves: seal.leaves)
            seals.append(entry)
            copies.append(Copy(path: "\(folder)/\(known.path)", hash: known.hash))
            if isSigned { copies.append(Copy(path: signature, hash: nil)) }
            if isOfAll {
                // Reading the seal has already compared this hash with the one in the seal.
                copies.append(Copy(path: "\(folder)/\(SealPath.statement(known.day, known.revision))", hash: nil))
            }
            if let sealed = Timestamp(seal.statement.sealed) { newest = max(newest, sealed) }
            guard days.contains(known.day) else { continue }
            var here = Closed(seal: entry, received: isOfAll ? seal.statement.counts.received : 0)
            try forEachLeaf(of: seal, archive) { leaf in
                here.statements.append(leaf.statement)
                guard taken.insert(leaf.path).inserted else { return }
                leaves.append(ExportItem(path: "\(folder)/\(leaf.path)", source: .bytes(leaf.bytes)))
            }
            closed[known.day] = here
        }
        return closed
    }

    /// Calls `body` with the leaves to include: all of them, or the business's own if it has one.
    private func forEachLeaf(of seal: Seal, _ archive: ArchiveFolder, _ body: (Leaf) throws -> Void) throws {
        if let business = selection.business {
            if let leaf = try archive.leaf(of: business, in: seal) { try body(leaf) }
            return
        }
        var reader = try LeafReader(seal, in: archive)
        while let (_, leaf) = try reader.next() { try body(leaf) }
    }
}

extension ArchiveFolder {
    /// Returns the counts of the lines of a ledger.
    func tally(ofLedger file: GzipReference) throws -> Counts {
        var counts = Counts()
        var scanner = try GzipScanner(GzipFile(file, in: self))
        while let block = try scanner.next() {
            for line in block.text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                do {
                    switch try LedgerLine(line) {
                    case .redelivery: counts.redelivered += 1
                    case .quarantine: counts.quarantined += 1
                    case .release: counts.released += 1
                    case .discard: counts.discarded += 1
                    }
                } catch {
                    throw ArchiveError.differs(root.path(of: file.path), "a line cannot be parsed: \(error)")
                }
            }
        }
        return counts
    }
}
