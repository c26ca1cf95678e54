internal import DurableFiles
package import Parallel
package import Webhooks

/// Writes the seal of one environment and day, from the files that it closes.
package struct Sealing {
    private let archive: ArchiveFolder
    private let environment: Environment
    private let day: CivilDate
    private let revision: Int
    /// The leaves of the day's last seal, by name.
    private let earlier: [Substring: ChecksumLine]
    private let folder: String
    private let leafFolder: Folder
    private let pipeline: Pipeline

    /// The files of one business on the day.
    package struct BusinessDay {
        package var business: Business
        package var archive: GzipReference?
        package var ledger: GzipReference?

        package init(business: Business, archive: GzipReference?, ledger: GzipReference?) {
            self.business = business
            self.archive = archive
            self.ledger = ledger
        }
    }

    /// - Parameter earlier: The day's last seal so far, or `nil` if there is none.
    package init(
        _ environment: Environment, _ day: CivilDate, after earlier: Seal?, in archive: ArchiveFolder,
        pipeline: Pipeline = Pipeline()
    ) throws {
        self.archive = archive
        self.pipeline = pipeline
        self.environment = environment
        self.day = day
        let start = "\(SealPath.folder)/\(day)/".count
        self.earlier = Dictionary(
            (earlier?.leaves ?? []).map { ($0.path.dropFirst(start).prefix { $0 != "." }, $0) },
            uniquingKeysWith: { $1 })
        revision = (earlier?.statement.revision ?? 0) + 1
        folder = ArchivePath.environment(environment)
        leafFolder = try archive.root.makeFolder("\(folder)/\(SealPath.folder)/\(day)")
    }

    /// Writes the new leaves and statements, then the seal. Each is durable before a file that lists it is
    /// written.
    ///
    /// - Parameters:
    ///   - received: The counts of the scans for the day.
    ///   - previous: The last seal of the chain, or `nil` if there is none.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the counts in the files differ from those of the scans, or
    ///   ``ArchiveError/clockSetBack(now:sealed:)`` if the chain is ahead of the clock. In both cases no seal is
    ///   written.
    package func seal(
        _ holdings: [BusinessDay], received: Counts, sweep: Int, previous: Seal?, at now: Timestamp
    ) throws -> Seal {
        // Times along the chain never decrease, so each is an upper limit of the time at which its day was
        // closed.
        if let sealed = previous.flatMap({ Timestamp($0.statement.sealed) }), now < sealed {
            throw ArchiveError.clockSetBack(now: now.description, sealed: sealed.description)
        }
        var counts = Counts()
        var leaves: [ChecksumLine] = []
        try pipeline.run(holdings.count, inBatches: true) {
        } produce: { _, number in
            try leaf(holdings[number])
        } consume: { _, leaf in
            let (line, statement) = leaf
            leaves.append(line)
            counts.archived += statement.archived
            counts.redelivered += statement.redelivered
            counts.quarantined += statement.quarantined
            counts.released += statement.released
            counts.discarded += statement.discarded
        }
        leaves.sort { $0.path < $1.path }
        counts.received = received.received
        counts.bytes = received.bytes
        guard counts.areConserved else {
            throw ArchiveError.differs(
                archive.root.path(of: folder),
                "on \(day) the sweeps received \(counts.received), and its files hold \(counts.archived) archived, "
                    + "\(counts.redelivered) redelivered and \(counts.quarantined) quarantined, so the day is not sealed"
            )
        }
        try archive.root.syncFilesystem()

        let statement = DayStatement(
            archive: archive.identity.archive, environment: environment, day: day.description, revision: revision,
            number: (previous?.statement.number ?? 0) + 1, sweep: sweep, sealed: now.description, leaves: leaves.count,
            counts: counts, previous: previous?.path)
        let statementPath = SealPath.statement(day, revision)
        let statementBytes = try RecordCoding.encode(statement)
        try archive.root.replace("\(folder)/\(statementPath)", with: statementBytes)

        let link = previous.map { ChecksumLine(hash: $0.hash, path: $0.path) }
        let lines =
            leaves + [ChecksumLine(hash: ContentHash(of: statementBytes), path: statementPath)]
            + (link.map { [$0] } ?? [])
        let bytes = lines.flatMap { Array($0.text.utf8) }
        let path = SealPath.seal(day, revision)
        try archive.root.replace("\(folder)/\(path)", with: bytes)
        return Seal(statement: statement, path: path, hash: ContentHash(of: bytes), leaves: leaves, previous: link)
    }

    /// Returns the leaf of one business: the existing one if nothing was added since, otherwise a new one.
    private func leaf(_ holding: BusinessDay) throws -> (ChecksumLine, LeafStatement) {
        let name = archive.leafName(holding.business, day)
        if let standing = try earlierLeaf(name, holding) { return standing }
        var statement = LeafStatement(
            environment: environment, business: holding.business.name, day: day.description, revision: revision,
            archived: 0, redelivered: 0, quarantined: 0, released: 0, discarded: 0)
        var lines: [ChecksumLine] = []
        if let file = holding.archive {
            statement.archive = try read(file)
            statement.archived = file.state.lines
            lines.append(ChecksumLine(hash: file.state.hash, path: within(file.path)))
        }
        if let file = holding.ledger {
            statement.ledger = try read(file) { line in
                switch try LedgerLine(line) {
                case .redelivery: statement.redelivered += 1
                case .quarantine: statement.quarantined += 1
                case .release: statement.released += 1
                case .discard: statement.discarded += 1
                }
            }
            lines.append(ChecksumLine(hash: file.state.hash, path: within(file.path)))
        }
        let statementPath = SealPath.leafStatement(on: day, name: name, revision: revision)
        let statementBytes = try RecordCoding.encode(statement)
        lines.append(ChecksumLine(hash: ContentHash(of: statementBytes), path: statementPath))
        let bytes = lines.flatMap { Array($0.text.utf8) }
        let path = SealPath.leaf(on: day, name: name, revision: revision)
        for (path, contents) in [(statementPath, statementBytes), (path, bytes)] {
            let final = ArchivePath.split(path).name
            var file = try leafFolder.newFile(".\(final)", replacingLeftover: true)
            try file.write(contents)
            try file.finishUnsynced()
            try leafFolder.rename(".\(final)", to: leafFolder, as: final)
        }
        return (ChecksumLine(hash: ContentHash(of: bytes), path: path), statement)
    }

    /// Returns `nil` if the day's last seal has no leaf with this name, or the business's files have grown since.
    private func earlierLeaf(_ name: String, _ holding: BusinessDay) throws -> (ChecksumLine, LeafStatement)? {
        guard let line = earlier[name[...]] else { return nil }
        let path = "\(folder)/\(line.path)"
        guard let bytes = try archive.root.contents(of: path), ContentHash(of: bytes) == line.hash else {
            throw ArchiveError.differs(archive.root.path(of: path), "its hash is not the one in its seal")
        }
        let lines = ChecksumLine.parse(bytes) ?? []
        for file in [holding.archive, holding.ledger].compactMap({ $0 })
        where !lines.contains(ChecksumLine(hash: file.state.hash, path: within(file.path))) { return nil }
        let statementPath = "\(line.path.dropLast(7)).json"
        let full = archive.root.path(of: "\(folder)/\(statementPath)")
        guard let statement = try archive.root.contents(of: "\(folder)/\(statementPath)"),
            lines.contains(ChecksumLine(hash: ContentHash(of: statement), path: statementPath))
        else { throw ArchiveError.differs(full, "it is missing, or does not have the hash in its leaf") }
        return (line, try RecordCoding.decode(LeafStatement.self, from: statement, path: full))
    }

    /// Reads a file to its end, so that nothing unreadable is sealed.
    ///
    /// - Parameter each: Called for each line.
    private func read(
        _ file: GzipReference, _ each: (UnsafeRawBufferPointer) throws -> Void = { _ in }
    ) throws -> LeafStatement.File {
        var scanner = try GzipScanner(GzipFile(file, in: archive))
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
            path: within(file.path), lines: file.state.lines, linesSHA256: lines.value.description,
            textBytes: file.state.textBytes,
            textSHA256: text.value.description, gzipBytes: file.state.gzipBytes,
            gzipSHA256: file.state.hash.description)
    }

    private func within(_ path: String) -> String { String(path.dropFirst(folder.count + 1)) }
}
