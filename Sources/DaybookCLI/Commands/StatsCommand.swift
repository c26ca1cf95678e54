internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Webhooks

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count events by day, type, and business.",
        discussion: """
            With a filter of events (such as --type), only these are counted, by the day of their first receipt, with all \
            their redeliveries. To count by what payloads have, use `daybook events --where CONDITION --count`.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var options: QueryOptions
    @OptionGroup var json: JSONOption

    func run() throws {
        let terminal = Terminal()
        let query = options.query
        let index = try IndexDatabase.open(forReadingIn: archive.open())
        let (statistics, recent, damage) = try index.read { snapshot in
            let statistics = try snapshot.statistics(of: query)
            return (
                statistics,
                terminal.hasBars && query.isOfFiles
                    ? try Recent(statistics, selection: query.selection, snapshot) : nil,
                try snapshot.damage(in: query.selection)
            )
        }
        try Output.print(json: json.json ? statistics : nil, else: statistics.text(terminal, recent))
        if let first = damage.first { throw Failure(.data, "not all of it is counted: \(first.sentence(of: damage))") }
    }

    /// Returns the events of each business by day, up to the last day that has events.
    fileprivate struct Recent {
        private var counts: [String: [Int]] = [:]
        static let days = 12

        init(_ statistics: Statistics, selection: Selection, _ snapshot: IndexSnapshot) throws {
            guard let last = statistics.businesses.compactMap({ CivilDate($0.lastDay) }).max() else { return }
            let first = last.daysSinceEpoch - Self.days + 1
            var selection = selection
            selection.from = [selection.from, CivilDate(daysSinceEpoch: first)].compactMap { $0 }.max()
            try snapshot.forEachFile(.archives, in: selection) { file in
                let key = Self.key(file.environment, file.business.name)
                let day = file.day.daysSinceEpoch - first
                if (0..<Self.days).contains(day) {
                    counts[key, default: Array(repeating: 0, count: Self.days)][day] += file.state.lines
                }
            }
        }

        private static func key(_ environment: Environment, _ business: String?) -> String {
            "\(environment) \(business.map { "=\($0)" } ?? "")"
        }

        func line(_ environment: Environment, _ business: String?) -> String {
            counts[Self.key(environment, business)].map(Bar.line) ?? ""
        }
    }
}

extension Statistics {
    fileprivate func text(_ terminal: Terminal, _ recent: StatsCommand.Recent?) -> String {
        let bars = terminal.hasBars
        // Beside bars, only a wide terminal has room for bytes.
        let hasBytes = !bars || (terminal.width ?? 80) >= 94
        func part(_ value: Int, of most: Int?, width: Int) -> [String] {
            bars ? [Bar.part(value, of: most ?? 0, width: width)] : []
        }
        var days = Table(
            ["DAY", "ENVIRONMENT", "RECEIVED"] + (bars ? [""] : []) + ["ARCHIVED", "REDELIVERED", "QUARANTINED"]
                + (hasBytes ? ["BYTES"] : []),
            numeric: bars ? [2, 4, 5, 6, 7] : [2, 3, 4, 5, 6])
        let mostADay = self.days.map(\.counts.received).max()
        for day in self.days {
            let counts = day.counts
            var cells = [day.day, "\(day.environment)", "\(counts.received)"]
            cells += part(counts.received, of: mostADay, width: 6)
            cells += [counts.archived, counts.redelivered, counts.quarantined].map(String.init)
            if hasBytes { cells.append("\(counts.bytes)") }
            days.add(cells)
        }
        var types = Table(["TYPE", "ENVIRONMENT", "EVENTS"] + (bars ? [""] : []), numeric: [2])
        let mostOfAType = self.types.map(\.events).max()
        for type in self.types {
            types.add(
                [type.type, "\(type.environment)", "\(type.events)"] + part(type.events, of: mostOfAType, width: 16))
        }
        // The first and the last day need no column if the last days are drawn.
        let place = bars ? ["LAST \(StatsCommand.Recent.days) DAYS"] : ["FIRST DAY", "LAST DAY"]
        var titles = ["BUSINESS", "ENVIRONMENT", "EVENTS", "REDELIVERIES"]
        titles += place
        // Of events that a filter selects, the compressed size is not known.
        let hasSizes = self.businesses.contains { $0.gzipBytes != nil }
        if hasSizes { titles.append("COMPRESSED") }
        var businesses = Table(titles, numeric: hasSizes ? [2, 3, titles.count - 1] : [2, 3])
        for it in self.businesses {
            let days = recent.map { [$0.line(it.environment, it.business)] } ?? [it.firstDay, it.lastDay]
            let counts = ["\(it.events)", "\(it.redeliveries)"]
            businesses.add(
                [it.business ?? "_unassigned", "\(it.environment)"] + counts + days
                    + (hasSizes ? [it.gzipBytes.map(Display.size) ?? ""] : []))
        }
        return [days, types, businesses].map { $0.text(within: terminal.width, shortening: 0) }.joined(separator: "\n")
    }
}
