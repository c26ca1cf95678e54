internal import Archive
internal import ArchiveIndex
internal import DurableFiles
internal import Spool
internal import Webhooks

extension Sweep {
    struct SealingOutcome {
        var new: [Seal] = []
        /// Entries that are in the spool by now.
        var pending = 0
    }

    /// Seals the days that are over, that have lines which no seal covers, and of which the spool holds nothing.
    func seal(index: IndexDatabase, place: Workplace) throws -> SealingOutcome {
        var outcome = SealingOutcome()
        let calendar = place.archive.calendar
        for environment in Environment.allCases.sorted() {
            try learnSeals(environment, index: index, archive: place.archive)
            let waiting = try place.spool.environment(environment)?.scan()
            outcome.pending += (waiting?.entries.count ?? 0) + (waiting?.unreadable.count ?? 0)
            // What cannot be looked at may be of any day.
            guard waiting?.unreadable.isEmpty ?? true else { continue }
            let held = Set((waiting?.entries ?? []).map { calendar.day(of: $0.time) })
            let days = try index.read { try $0.unsealedDays(environment, before: calendar.day(of: now)) }
            for day in days where !held.contains(day) {
                try observe(.sealing(environment, day))
                outcome.new.append(try seal(environment, day, index: index, archive: place.archive))
            }
        }
        return outcome
    }

    /// Tells the index of seals that an interrupted sweep wrote.
    private func learnSeals(_ environment: Environment, index: IndexDatabase, archive: ArchiveFolder) throws {
        let known = try index.read { try $0.seals(environment) }
        let standing = try archive.sealPaths(environment)
        guard standing.count != known.count else { return }
        for seal in try archive.seals(environment) where !known.contains(where: { $0.path == seal.path }) {
            try index.write { try $0.add(seal) }
        }
    }

    /// Signs what is not signed: the new seals, those of a sweep that was interrupted before it signed, and those from
    /// before there was a key.
    func sign(_ key: String, index: IndexDatabase, archive: ArchiveFolder) throws {
        for environment in Environment.allCases {
            for seal in try index.read({ try $0.seals(environment) }) {
                _ = try archive.sign(environment, seal: seal.path, key: key)
            }
        }
    }

    private func seal(
        _ environment: Environment, _ day: CivilDate, index: IndexDatabase, archive: ArchiveFolder
    ) throws -> Seal {
        let selection = Selection(environment: environment, from: day, to: day)
        let (archives, ledgers, counts, seals, sweep) = try index.read { snapshot in
            try (
                snapshot.files(.archives, selection), snapshot.files(.ledgers, selection),
                snapshot.dayCounts(selection),
                snapshot.seals(environment), snapshot.lastSweep()
            )
        }
        func standing(_ known: IndexSnapshot.IndexedSeal) throws -> Seal {
            let seal = try archive.seal(environment, known.path)
            guard seal.hash == known.hash else {
                throw ArchiveError.differs(
                    archive.root.path(of: "\(ArchivePath.environment(environment))/\(known.path)"),
                    "its SHA-256 is \(seal.hash), and the index knows \(known.hash)")
            }
            return seal
        }
        var holdings: [Business: Sealing.BusinessDay] = [:]
        for file in archives + ledgers {
            var holding = holdings[file.business] ?? .init(business: file.business, archive: nil, ledger: nil)
            if file.kind == .archives { holding.archive = file.reference } else { holding.ledger = file.reference }
            holdings[file.business] = holding
        }
        let earlier = try seals.last { $0.day == day }.map(standing)
        let seal = try Sealing(environment, day, after: earlier, in: archive, pipeline: pipeline).seal(
            Array(holdings.values), received: counts.first?.counts ?? Counts(), sweep: sweep,
            previous: seals.last.map(standing), at: now)
        try index.write { try $0.add(seal) }
        return seal
    }
}
