internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Parallel
internal import Webhooks

/// Seals days, and goes on where a day has a damaged file: that day waits.
struct DaySealer {
    let archive: ArchiveFolder
    let index: IndexDatabase
    let now: Timestamp
    let pipeline: Pipeline
    /// The new seals.
    private(set) var seals: [Seal] = []
    /// The damaged files because of which days cannot be sealed.
    private(set) var unsealable: [BlockedFile] = []

    init(_ archive: ArchiveFolder, _ index: IndexDatabase, at now: Timestamp, pipeline: Pipeline = Pipeline()) {
        self.archive = archive
        self.index = index
        self.now = now
        self.pipeline = pipeline
    }

    /// Seals days of an environment, after completing its chain of seals.
    ///
    /// - Parameters:
    ///   - days: The days, ascending; called once the chain is complete.
    ///   - observe: Called before each day.
    mutating func seal(
        _ environment: Environment, _ days: () throws -> [CivilDate], observe: (CivilDate) throws -> Void = { _ in }
    ) throws {
        do {
            try completeChain(environment)
        } catch {
            // Without a seal of the chain, the next one would have the wrong number.
            return try wait(for: error)
        }
        for day in try days() {
            try observe(day)
            do {
                seals.append(try seal(environment, day))
            } catch {
                try wait(for: error)
            }
        }
    }

    /// Reports the damaged file that an error names, once. Throws any other error.
    private mutating func wait(for error: any Error) throws {
        guard let damage = BlockedFile(error) else { throw error }
        if !unsealable.contains(damage) { unsealable.append(damage) }
    }

    /// Finishes the seals that an interrupted sweep began, and adds to the index those that it does not have.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a seal is missing, or cannot be read.
    private func completeChain(_ environment: Environment) throws {
        // A seal that was lost is made again with the time that its statement has, as one that was not finished.
        if try !archive.unfinishedSeals(environment).isEmpty {
            var repair = try RepairRun(archive, index: index)
            try repair.finishSeals(environment)
        }
        var known = try index.read { try $0.seals(environment) }
        let paths = try archive.sealPaths(environment)
        if paths.count != known.count {
            for path in paths where !known.contains(where: { $0.path == path }) {
                let seal = try archive.sealWithLeaves(environment, path)
                try index.write { try $0.add(seal) }
            }
            known = try index.read { try $0.seals(environment) }
        }
        // A rebuilt index lacks a seal that is lost. Its day must not be sealed again.
        if let gap = zip(known, 1...).first(where: { $0.number != $1 }) {
            throw ArchiveError.differs(
                archive.root.path(of: "\(ArchivePath.environment(environment))/\(gap.0.path)"),
                "it is seal \(gap.0.number) of its chain, and seal \(gap.1) is missing")
        }
    }

    private func seal(_ environment: Environment, _ day: CivilDate) throws -> Seal {
        let selection = Selection(environment: environment, from: day, to: day)
        let (archives, ledgers, counts, chain, sweep) = try index.read { snapshot in
            try (
                snapshot.files(.archives, selection), snapshot.files(.ledgers, selection),
                snapshot.dayCounts(selection), snapshot.seals(environment), snapshot.lastSweep()
            )
        }
        let earlier = try chain.last { $0.day == day }.map { try read($0, of: environment) }
        let seal = try Sealing(environment, day, after: earlier, in: archive, pipeline: pipeline).seal(
            (archives + ledgers).businessDays(\.reference), received: counts.first?.counts ?? Counts(), sweep: sweep,
            previous: chain.last?.link, at: now)
        try index.write { try $0.add(seal) }
        return seal
    }

    /// Reads a seal that the index records.
    private func read(_ known: IndexSnapshot.IndexedSeal, of environment: Environment) throws -> Seal {
        let seal = try archive.seal(environment, known.path)
        guard seal.hash == known.hash else {
            throw ArchiveError.differs(
                archive.root.path(of: "\(ArchivePath.environment(environment))/\(known.path)"),
                "its SHA-256 is \(seal.hash), but according to the index it is \(known.hash)")
        }
        return seal
    }

    /// Signs every seal without a signature: the new ones, those of an interrupted sweep, and those from before there was a key.
    mutating func sign(with key: String) throws {
        for environment in Environment.allCases {
            for seal in try index.read({ try $0.seals(environment) }) {
                do {
                    try archive.sign(environment, seal: seal.link.line, key: key)
                } catch {
                    // A damaged seal is signed once it is restored.
                    try wait(for: error)
                }
            }
        }
    }
}
