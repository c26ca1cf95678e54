internal import Archive
internal import Webhooks

extension EventQueryRun {
    /// Where a match is.
    private struct Place: Hashable {
        let archive: Int64
        let line: Int
    }

    /// Some consecutive matches, which are read together: each block of theirs once.
    private struct Matches {
        var places: [Place] = []
        /// The size of the payloads, in bytes.
        var bytes = 0
    }

    /// The number of matches that are read together at most. If a limit may be reached soon, fewer.
    private static let mostMatches = 4096

    /// Finds the matches day by day, since each day's events were received after those of the day before.
    func findNewestFirst(_ damage: Damage, _ body: Body) throws {
        var reported: Set<String> = []
        // A block is read again for each portion of its matches.
        func reportOnce(_ error: any Error) throws {
            if reported.insert("\(error)").inserted { try damage(error) }
        }
        for day in try snapshot.daysNewestFirst(of: query) {
            var files: [Int64: IndexedFile] = [:]
            var matches = Matches()
            try snapshot.forEachFile(.archives, in: selection(on: day)) { files[$0.row] = $0 }
            cost.archives += files.count
            try snapshot.forEachMatchNewestFirst(of: query, on: day) { archive, line, bytes in
                matches.places.append(Place(archive: archive, line: line))
                matches.bytes += bytes
                let most = query.limit.map { min(max($0 - cost.events, 16), Self.mostMatches) } ?? Self.mostMatches
                if matches.places.count >= most || matches.bytes >= Self.mostTextBytes {
                    try read(matches, in: files, reportOnce, body)
                    matches = Matches()
                }
            }
            try read(matches, in: files, reportOnce, body)
        }
    }

    private func selection(on day: CivilDate) -> Selection {
        var selection = query.selection
        (selection.from, selection.to) = (day, day)
        return selection
    }

    private func read(
        _ matches: Matches, in files: [Int64: IndexedFile], _ damage: Damage, _ body: Body
    ) throws {
        var blocks: [BlockToRead] = []
        let lines = Dictionary(grouping: matches.places, by: \.archive).mapValues { $0.map(\.line).sorted() }
        for (archive, lines) in lines.sorted(by: { $0.key < $1.key }) {
            guard let file = files[archive] else { continue }
            try forEachBlock(of: file, holding: lines) { blocks.append($0) }
        }
        var found: [Place: ArraySlice<UInt8>] = [:]
        // A copy of the line, so that memory does not hold the rest of its block.
        try read(blocks, damage) { file, number, line in
            found[Place(archive: file.row, line: number)] = Array(line)[...]
        }
        for place in matches.places {
            guard let line = found[place], let file = files[place.archive] else { continue }
            if cost.events == query.limit { throw LimitReached() }
            try body(EventQuery.Found(line: line, archive: file, number: place.line), snapshot)
            cost.events += 1
        }
        if cost.events == query.limit { throw LimitReached() }
    }
}
