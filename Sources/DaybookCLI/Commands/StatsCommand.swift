internal import Archive
internal import ArchiveIndex
internal import ArgumentParser

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Counts by day, type and business.")

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var json: JSONOption

    func run() throws {
        let statistics = try IndexDatabase.open(forReadingIn: archive.open()).read {
            try $0.statistics(selection.selection)
        }
        try Output.print(json: json.json ? statistics : nil, else: statistics.text)
    }
}

extension Statistics {
    fileprivate var text: String {
        var days = Table(
            ["DAY", "ENVIRONMENT", "RECEIVED", "ARCHIVED", "REDELIVERED", "QUARANTINED", "BYTES"],
            numeric: [2, 3, 4, 5, 6])
        for day in self.days {
            let counts = day.counts
            days.add(
                [day.day, "\(day.environment)"]
                    + [counts.received, counts.archived, counts.redelivered, counts.quarantined, counts.bytes]
                    .map(String.init))
        }
        var types = Table(["TYPE", "ENVIRONMENT", "EVENTS"], numeric: [2])
        for type in self.types { types.add([type.type, "\(type.environment)", "\(type.events)"]) }
        var businesses = Table(
            ["BUSINESS", "ENVIRONMENT", "EVENTS", "REDELIVERIES", "FIRST DAY", "LAST DAY", "COMPRESSED"],
            numeric: [2, 3, 6])
        for it in self.businesses {
            businesses.add([
                it.business ?? "_unassigned", "\(it.environment)", "\(it.events)", "\(it.redeliveries)", it.firstDay,
                it.lastDay, sized(it.gzipBytes),
            ])
        }
        return [days.text, types.text, businesses.text].joined(separator: "\n")
    }
}
