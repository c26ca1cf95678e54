package import DurableFiles
package import Parallel
package import Webhooks

/// Writes the seal of one environment and day, from the files that it closes.
package struct Sealing {
    private let archive: ArchiveFolder
    private let environment: Environment
    private let day: CivilDate
    private let revision: Int
    /// The day's last seal so far.
    private let earlier: Seal?
    /// The environment's folder.
    private let folder: String
    private let pipeline: Pipeline

    /// The files of one business on the day.
    package struct BusinessDay: Sendable {
        package var business: Business
        package var archive: GzipReference?
        package var ledger: GzipReference?

        package init(business: Business, archive: GzipReference?, ledger: GzipReference?) {
            self.business = business
            self.archive = archive
            self.ledger = ledger
        }
    }

    /// A business's files, and the name of its leaf.
    private struct Holding: Sendable {
        let name: String
        let files: BusinessDay
    }

    /// - Parameter earlier: The day's last seal so far, or `nil` if there is none.
    package init(
        _ environment: Environment, _ day: CivilDate, after earlier: Seal?, in archive: ArchiveFolder,
        pipeline: Pipeline = Pipeline()
    ) {
        self.archive = archive
        self.pipeline = pipeline
        self.environment = environment
        self.day = day
        self.earlier = earlier
        revision = (earlier?.statement.revision ?? 0) + 1
        folder = ArchivePath.environment(environment)
    }

    /// Writes the new leaves, the statement, then the seal. Each is durable before the next is written.
    ///
    /// - Parameters:
    ///   - received: The counts of the scans for the day.
    ///   - previous: The last seal of the chain, or `nil` if there is none.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the counts in the files differ from those of the scans, or
    ///   ``ArchiveError/clockSetBack(now:sealed:)`` if the chain is ahead of the clock. In both cases no seal is
    ///   written.
    package func seal(
        _ businesses: [BusinessDay], received: Counts, sweep: Int, previous: SealLink?, at now: Timestamp
    ) throws -> Seal {
        // Times along the chain never decrease, so each is an upper limit of the time at which its day was
        // closed.
        if let sealed = previous.flatMap({ Timestamp($0.sealed) }), now < sealed {
            throw ArchiveError.clockSetBack(now: now.description, sealed: sealed.description)
        }
        return try write(
            businesses, received: received, number: (previous?.number ?? 0) + 1, sweep: sweep,
            sealed: now.description, previous: previous?.line,
            to: archive.root.makeFolder("\(folder)/\(SealPath.folder)"))
    }

    /// Writes the files of a seal into a folder. Equal arguments and equal files give equal bytes.
    ///
    /// - Parameters:
    ///   - received: The counts of the scans for the day.
    ///   - number: The number in the chain.
    ///   - sealed: The time of the seal, RFC 3339 in UTC.
    ///   - previous: The line of the previous seal, or `nil` if there is none.
    package func write(
        _ businesses: [BusinessDay], received: Counts, number: Int, sweep: Int, sealed: String,
        previous: ChecksumLine?, to seals: Folder
    ) throws -> Seal {
        var counts = Counts()
        let leaves = try writeLeaves(businesses, to: seals, counting: &counts, received: received)

        let statement = DayStatement(
            archive: archive.identity.archive, environment: environment, day: day, revision: revision,
            number: number, sweep: sweep, sealed: sealed, leaves: leaves.count, counts: counts,
            previous: previous?.path)
        let statementPath = SealPath.statement(day, revision)
        let statementBytes = try RecordCoding.encode(statement)
        try seals.replace(ArchivePath.split(statementPath).name, with: statementBytes)

        let lines =
            leaves + [ChecksumLine(hash: ContentHash(of: statementBytes), path: statementPath)]
            + (previous.map { [$0] } ?? [])
        let bytes = lines.flatMap { Array($0.text.utf8) }
        let path = SealPath.seal(day, revision)
        try seals.replace(ArchivePath.split(path).name, with: bytes)
        return Seal(
            statement: statement, path: path, hash: ContentHash(of: bytes), leaves: leaves.count, previous: previous)
    }

    /// Writes the file of the leaves that are new in this revision, durably.
    ///
    /// - Returns: The lines of all leaves, in ascending order of their names.
    private func writeLeaves(
        _ businesses: [BusinessDay], to seals: Folder, counting counts: inout Counts, received: Counts
    ) throws -> [ChecksumLine] {
        var holdings: [Holding] = []
        try pipeline.run(businesses.count, inBatches: true) {
        } produce: { _, number in
            Holding(name: archive.leafName(businesses[number].business, day), files: businesses[number])
        } consume: { _, holding in
            holdings.append(holding)
        }
        holdings.sort { $0.name < $1.name }
        let (unchanged, changed) = try unchangedLeaves(of: holdings, counting: &counts)
        var lines = unchanged

        let final = ArchivePath.split(SealPath.leaves(day, revision)).name
        var tar = try GzipAppender(
            after: nil, to: seals.newFile(".\(final).tmp", replacingLeftover: true), deflater: Deflater())
        let parts = stride(from: 0, to: changed.count, by: Self.leavesInPart).map {
            $0..<min($0 + Self.leavesInPart, changed.count)
        }
        try pipeline.run(parts.count) {
            Tools(inflater: Inflater(), deflater: Deflater())
        } produce: { tools, number in
            try part(of: changed[parts[number]], tools)
        } consume: { _, part in
            lines += part.lines
            counts += part.counts
            for it in part.blocks { try tar.append(it.block, compressed: it.bytes) }
        }
        counts.received = received.received
        counts.bytes = received.bytes
        guard counts.areConserved else {
            throw ArchiveError.differs(
                archive.root.path(of: folder),
                "on \(day) the sweeps received \(counts.received), and its files hold \(counts.archived) archived, "
                    + "\(counts.redelivered) redelivered and \(counts.quarantined) quarantined, so the day is not sealed"
            )
        }
        try tar.append(TarEntry.end)
        try tar.commit(as: final)
        return lines.sorted { $0.path < $1.path }
    }

    /// What a thread needs for one part after another.
    private struct Tools {
        let inflater: Inflater
        let deflater: Deflater
    }

    /// Some of the leaves, as the file of leaves has them.
    private struct Part: Sendable {
        var lines: [ChecksumLine] = []
        var counts = Counts()
        var blocks: [BlockBuilder.Compressed] = []
    }

    /// The number of leaves that one thread writes at a time: most of a block.
    private static let leavesInPart = 128

    private func part(of holdings: ArraySlice<Holding>, _ tools: Tools) throws -> Part {
        var part = Part()
        var builder = BlockBuilder(tools.deflater)
        for holding in holdings {
            let leaf = try leaf(of: holding, tools.inflater)
            part.lines.append(ChecksumLine(hash: ContentHash(of: leaf.bytes), path: leaf.path))
            part.counts += leaf.statement.counts
            let entry = TarEntry(path: leaf.path, size: leaf.bytes.count, modified: Timestamp(milliseconds: 0))
            let bytes = entry.header + leaf.bytes + TarEntry.padding(after: leaf.bytes.count)
            if let full = bytes.withUnsafeBytes({ builder.add($0) }) { part.blocks.append(full) }
        }
        if let last = builder.end() { part.blocks.append(last) }
        return part
    }

    /// Returns the lines of the leaves whose files have not grown since the day's last seal, and the other holdings.
    private func unchangedLeaves(
        of holdings: [Holding], counting counts: inout Counts
    ) throws -> (lines: [ChecksumLine], changed: [Holding]) {
        guard let earlier else { return ([], holdings) }
        var lines: [ChecksumLine] = []
        var changed: [Holding] = []
        var reader = try LeafReader(earlier, in: archive)
        var sealed = try reader.next()
        for holding in holdings {
            while let (line, _) = sealed, let (_, name, _) = SealPath.parse(leaf: line.path), name < holding.name {
                sealed = try reader.next()
            }
            let files = [holding.files.archive, holding.files.ledger].compactMap { $0 }.map {
                ChecksumLine(hash: $0.state.hash, path: within($0.path))
            }
            if let (line, leaf) = sealed, SealPath.parse(leaf: line.path)?.name == holding.name, leaf.files == files {
                lines.append(line)
                counts += leaf.statement.counts
            } else {
                changed.append(holding)
            }
        }
        return (lines, changed)
    }

    private func leaf(of holding: Holding, _ inflater: Inflater) throws -> Leaf {
        var statement = LeafStatement(
            environment: environment, business: holding.files.business.name, day: day, revision: revision,
            archived: 0, redelivered: 0, quarantined: 0, released: 0, discarded: 0)
        if let file = holding.files.archive {
            statement.archive = try read(file, inflater)
            statement.archived = file.state.lines
        }
        if let file = holding.files.ledger {
            statement.ledger = try read(file, inflater) { line in
                switch try LedgerLine(line) {
                case .redelivery: statement.redelivered += 1
                case .quarantine: statement.quarantined += 1
                case .release: statement.released += 1
                case .discard: statement.discarded += 1
                }
            }
        }
        return Leaf(
            path: SealPath.leaf(on: day, name: holding.name, revision: revision), statement: statement)
    }

    /// Reads a file to its end, so that nothing unreadable is sealed.
    ///
    /// - Parameter each: Called for each line.
    private func read(
        _ file: GzipReference, _ inflater: Inflater, _ each: (UnsafeRawBufferPointer) throws -> Void = { _ in }
    ) throws -> LeafStatement.File {
        var scanner = try GzipScanner(GzipFile(file, in: archive), inflater: inflater)
        var text = RunningHash()
        var lines = LinesHash()
        while let found = try scanner.next() {
            text.add(found.text)
            try found.text.withUnsafeBytes { text in
                try text.forEachLine { line in
                    lines.add(line)
                    do {
                        try each(line)
                    } catch let fault as LineFault {
                        throw ArchiveError.differs(
                            archive.root.path(of: file.path), "a line cannot be parsed: \(fault)")
                    }
                }
            }
        }
        guard scanner.state == file.state else {
            throw ArchiveError.differs(archive.root.path(of: file.path), "its bytes are not those that were recorded")
        }
        return LeafStatement.File(
            path: within(file.path), lines: file.state.lines, linesSHA256: lines.value,
            textBytes: file.state.textBytes, textSHA256: text.value, gzipBytes: file.state.gzipBytes,
            gzipSHA256: file.state.hash)
    }

    private func within(_ path: String) -> String { String(path.dropFirst(folder.count + 1)) }
}
