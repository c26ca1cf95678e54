internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Webhooks

extension RepairRun {
    /// Restores seals, with their statements, leaves and signatures.
    mutating func restoreSeals() throws {
        for environment in Environment.allCases.sorted() {
            // A revision is derived from the one before it.
            let hashes = try sealHashes(environment)
            var seals = hashes.compactMap { Expected(environment, $0.key, $0.value) }
            for path in try archive.unfinishedSeals(environment) where hashes[path] == nil {
                if let seal = Expected(environment, path, nil) { seals.append(seal) }
            }
            for seal in seals.sorted(by: { ($0.day, $0.revision) < ($1.day, $1.revision) }) { try restore(seal) }
            try indexSeals(environment)
        }
    }

    /// Writes the seals of an environment that are missing while their statements are there.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the files are not those of the statement.
    mutating func finishSeals(_ environment: Environment) throws {
        try restoreRecords()
        for path in try archive.unfinishedSeals(environment) {
            guard let seal = Expected(environment, path, nil) else { continue }
            try restore(seal)
            guard isWhole else {
                throw ArchiveError.differs(
                    archive.root.path(of: seal.seal), "it is missing, and the files are not those of its statement")
            }
            try indexSeals(environment)
        }
    }

    /// Returns the hash of each seal by its path: from the index, or else from the next seal of the chain. The last seal of a
    /// chain is in no other; it is taken as it is if it agrees with its statement and leaves.
    private func sealHashes(_ environment: Environment) throws -> [String: ContentHash] {
        let folder = ArchivePath.environment(environment)
        let archives = copies.compactMap(\.archive) + [archive]
        let rows = try index?.read { try $0.seals(environment) } ?? []
        let indexed = Dictionary(rows.map { ($0.path, $0.hash) }, uniquingKeysWith: { $1 })
        var hashes: [String: ContentHash] = [:]
        var links: [String: ContentHash] = [:]
        // What is found later is preferred.
        for agrees in [false, true] {
            for archive in archives {
                for path in (try? archive.sealPaths(environment)) ?? [] where indexed[path] == nil {
                    guard let bytes = try? archive.root.contents(of: "\(folder)/\(path)"),
                        let lines = ChecksumLine.parse(bytes),
                        !agrees || (try? archive.sealWithLeaves(environment, path)) != nil
                    else { continue }
                    hashes[path] = ContentHash(of: bytes)
                    for line in lines where SealPath.parse(seal: line.path) != nil { links[line.path] = line.hash }
                }
            }
        }
        // The first seal that the index has may be after one that it lacks.
        for row in rows {
            guard let previous = (try? archive.seal(environment, row.path))?.previous else { continue }
            links[previous.path] = previous.hash
        }
        hashes.merge(links) { $1 }
        guard let index else { return hashes }
        let last = try index.read { try $0.lastSweep() }
        // A copy may be newer than the archive.
        for path in hashes.keys where indexed[path] == nil {
            let sweeps = archives.compactMap { (try? $0.seal(environment, path))?.statement.sweep }
            if sweeps.contains(where: { $0 > last }) { hashes[path] = nil }
        }
        return hashes.merging(indexed) { $1 }
    }

    /// A seal that the archive should have.
    private struct Expected {
        let environment: Environment
        let day: CivilDate
        let revision: Int
        /// Its hash, or `nil` if that is not known.
        let hash: ContentHash?

        init?(_ environment: Environment, _ path: String, _ hash: ContentHash?) {
            guard let (day, revision) = SealPath.parse(seal: path) else { return nil }
            self.environment = environment
            self.day = day
            self.revision = revision
            self.hash = hash
        }

        private func inFolder(_ path: String) -> String { "\(ArchivePath.environment(environment))/\(path)" }
        var seal: String { inFolder(SealPath.seal(day, revision)) }
        var statement: String { inFolder(SealPath.statement(day, revision)) }
        var leaves: String { inFolder(SealPath.leaves(day, revision)) }
        var signature: String { SealSignature.path(ofSeal: seal) }
    }

    private mutating func restore(_ expected: Expected) throws {
        let (day, revision) = (expected.day, expected.revision)
        try progress(expected.seal)
        let seal = try part(expected.seal) { try Self.hash(of: $0) == expected.hash }
        // Without the seal, it is not known what the others should be.
        let lines = try seal.file.map { try Self.bytes($0) }.flatMap { ChecksumLine.parse($0) }
        let statement = try part(expected.statement) { file in
            guard let lines else { return true }
            let statement = SealPath.statement(day, revision)
            return lines.contains(ChecksumLine(hash: ContentHash(of: try Self.bytes(file)), path: statement))
        }
        let leaves = try part(expected.leaves) { file in
            guard let lines else { return true }
            return try ArchiveFolder.hasLeaves(
                lines.filter { SealPath.parse(leaf: $0.path)?.revision == revision }, file)
        }
        var parts = [seal, statement, leaves]
        let scratch = try ScratchFolder()
        if let lines, statement.file == nil, let file = try derivedStatement(expected, lines, in: scratch.folder) {
            (parts[1].file, parts[1].from) = (file, ["the index and the seal"])
        }
        if lines == nil || parts.contains(where: { $0.file == nil }) { try derive(&parts, of: expected) }
        for part in parts { try finish(part) }
        if let bytes = try parts[0].file.map({ try Self.bytes($0) }) {
            try restoreSignature(expected.signature, of: bytes)
        }
    }

    // MARK: - Derivation

    /// Returns the statement that a seal lists, from the index and the seal, or `nil` if it is another.
    private func derivedStatement(
        _ expected: Expected, _ lines: [ChecksumLine], in folder: Folder
    ) throws -> ReadFile? {
        let row = try index?.read { try $0.seals(expected.environment) }.first {
            $0.day == expected.day && $0.revision == expected.revision
        }
        guard let index, let row else { return nil }
        let statement = DayStatement(
            archive: archive.identity.archive, environment: row.environment, day: row.day,
            revision: row.revision, number: row.number, sweep: row.sweep, sealed: row.sealed,
            leaves: lines.count { SealPath.parse(leaf: $0.path) != nil },
            counts: try index.read { try $0.counts(of: row.environment, on: row.day, through: row.sweep) },
            previous: lines.first { SealPath.parse(seal: $0.path) != nil }?.path)
        let bytes = try RecordCoding.encode(statement)
        let path = SealPath.statement(row.day, row.revision)
        guard lines.contains(ChecksumLine(hash: ContentHash(of: bytes), path: path)) else { return nil }
        let name = ArchivePath.split(path).name
        try folder.replace(name, with: bytes)
        return try folder.file(name)
    }

    private static let derivation = ["the index and the files"]

    /// Makes the files of a seal again from the archive files and the index, and adds those that were not found.
    private func derive(_ parts: inout [Part], of expected: Expected) throws {
        guard let index, isWhole else { return }
        if !acts, !files.isEmpty {
            // The files that it is derived from are not restored yet.
            for place in parts.indices where parts[place].file == nil { parts[place].from = Self.derivation }
            return
        }
        let scratch = try ScratchFolder()
        do {
            let statement = try parts[1].file.map { try Self.bytes($0) }.flatMap {
                try? RecordCoding.decode(DayStatement.self, from: $0, path: expected.statement)
            }
            let row = try index.read { try $0.seals(expected.environment) }.first {
                $0.day == expected.day && $0.revision == expected.revision
            }
            guard let number = row?.number ?? statement?.number, let sweep = row?.sweep ?? statement?.sweep,
                let sealed = row?.sealed ?? statement?.sealed
            else { return }
            let previous = try previousLine(expected.environment, number: number)
            let earlier =
                expected.revision == 1
                ? nil
                : try archive.seal(expected.environment, SealPath.seal(expected.day, expected.revision - 1))
            let (businesses, received) = try holdings(expected, through: sweep)
            let seal = try Sealing(expected.environment, expected.day, after: earlier, in: archive, pipeline: pipeline)
                .write(
                    businesses, received: received, number: number, sweep: sweep, sealed: sealed, previous: previous,
                    to: scratch.folder)
            if let hash = expected.hash {
                guard seal.hash == hash else { return }
            } else {
                // The statement that is there vouches for the seal that is not.
                let derived = try scratch.folder.contents(of: ArchivePath.split(expected.statement).name)
                guard let own = try parts[1].file.map({ try Self.bytes($0) }), derived == own else { return }
            }
        } catch is ArchiveError {
            return
        } catch let error as FileError where error.isOfReading {
            return
        }
        for place in parts.indices {
            let derived = try scratch.folder.file(ArchivePath.split(parts[place].path).name)
            if let own = parts[place].file, let derived {
                guard try !Self.haveEqualBytes(own, derived) else { continue }
                parts[place].cause = "its bytes are not those that were recorded"
            }
            (parts[place].file, parts[place].from) = (derived, Self.derivation)
        }
    }

    private func previousLine(_ environment: Environment, number: Int) throws -> ChecksumLine? {
        guard number > 1 else { return nil }
        return try index?.read { try $0.seals(environment) }.first { $0.number == number - 1 }?.link.line
    }

    /// Returns the files of a day as they were after a sweep, and the counts of the scans until then.
    private func holdings(
        _ expected: Expected, through sweep: Int
    ) throws -> (businesses: [Sealing.BusinessDay], received: Counts) {
        guard let index else { return ([], Counts()) }
        let selection = Selection(environment: expected.environment, from: expected.day, to: expected.day)
        let (indexed, received) = try index.read { snapshot in
            (
                try snapshot.files(.archives, selection) + snapshot.files(.ledgers, selection),
                try snapshot.counts(of: expected.environment, on: expected.day, through: sweep)
            )
        }
        let businesses = try indexed.businessDays { file in
            try states.states(of: file.path).last { $0.sweep <= sweep }.map {
                try archive.earlier(file.reference, gzipBytes: $0.change.after.gzip, hash: $0.change.hash)
            }
        }
        return (businesses, received)
    }

    private static func haveEqualBytes(_ one: ReadFile, _ other: ReadFile) throws -> Bool {
        guard one.size == other.size else { return false }
        var offset = 0
        while offset < one.size {
            let bytes = try one.read(at: offset, count: 1 << 18)
            guard try !bytes.isEmpty && other.read(at: offset, count: 1 << 18) == bytes else { return false }
            offset += bytes.count
        }
        return true
    }

    // MARK: - Signatures

    /// Restores a signature from a copy if the archive's is missing or damaged.
    private mutating func restoreSignature(_ path: String, of seal: [UInt8]) throws {
        func fault(_ signature: String) throws -> String? {
            try SealSignature.fault(of: seal, signature: signature, allowedSigners: nil)
        }
        let own = try archive.root.status(of: path) != nil
        let signed = copies.filter { $0.file(path) != nil }
        guard own || !signed.isEmpty else { return }
        let cause = own ? try fault(archive.root.path(of: path)) : "it is missing"
        guard let cause else { return }
        guard let copy = try signed.first(where: { try fault($0.fullPath(of: path)) == nil }),
            let file = copy.file(path)
        else {
            // Whether there was one is not recorded.
            if own { report(path, "it is not a signature of the seal: \(cause)", from: nil) }
            return
        }
        try replace(path, with: file)
        report(path, own ? "it is not a signature of the seal: \(cause)" : cause, from: [copy.path])
    }

    // MARK: - The index

    /// Adds to the index the restored seals that it does not have.
    private func indexSeals(_ environment: Environment) throws {
        guard acts, let index else { return }
        let known = try index.read { try $0.seals(environment) }
        for path in try archive.sealPaths(environment) where !known.contains(where: { $0.path == path }) {
            guard let seal = try? archive.seal(environment, path) else { continue }
            try index.write { try $0.add(seal) }
        }
    }
}
