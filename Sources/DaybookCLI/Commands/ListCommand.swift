internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Webhooks

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the archives: day, business, events, bytes, and whether sealed.")

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var json: JSONOption

    private struct Row: Encodable {
        let environment, day: String
        let business: String?
        let events, bytes: Int
        let sha256, path: String
        let sealed: Bool

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(environment, forKey: .environment)
            try container.encode(day, forKey: .day)
            try container.encode(business, forKey: .business)
            try container.encode(events, forKey: .events)
            try container.encode(bytes, forKey: .bytes)
            try container.encode(sha256, forKey: .sha256)
            try container.encode(path, forKey: .path)
            try container.encode(sealed, forKey: .sealed)
        }

        enum Keys: String, CodingKey { case environment, day, business, events, bytes, sha256, path, sealed }
    }

    func run() throws {
        let index = try IndexDatabase.open(forReadingIn: archive.open())
        var output = Output()
        // The rows are read from one snapshot, and not held: there may be millions.
        try index.read { snapshot in
            if json.json { try writeJSON(snapshot, to: &output) } else { try writeTable(snapshot, to: &output) }
        }
        try output.flush()
    }

    private func writeJSON(_ snapshot: IndexSnapshot, to output: inout Output) throws {
        var separator = "["
        try snapshot.forEachListed(selection.selection) { it in
            try output.write(separator)
            separator = ","
            try output.write(
                json: Row(
                    environment: it.file.environment.rawValue, day: it.file.day.description,
                    business: it.file.business.name, events: it.file.state.lines, bytes: it.file.state.gzipBytes,
                    sha256: it.file.state.hash.description, path: it.file.path, sealed: it.isSealed))
        }
        try output.write(separator == "[" ? "[]\n" : "]\n")
    }

    private func writeTable(_ snapshot: IndexSnapshot, to output: inout Output) throws {
        let terminal = Terminal()
        var layout = TableLayout(
            ["DAY", "ENVIRONMENT", "BUSINESS", "EVENTS"] + (terminal.hasBars ? [""] : []) + ["BYTES", "SEALED"],
            numeric: terminal.hasBars ? [3, 5] : [3, 4])
        var most = 0
        func cells(_ it: IndexSnapshot.ListedArchive) -> [String] {
            let bar = terminal.hasBars ? [Bar.part(it.file.state.lines, of: most, width: 8)] : []
            return [it.file.day.description, it.file.environment.rawValue, it.file.business.description]
                + ["\(it.file.state.lines)"] + bar + ["\(it.file.state.gzipBytes)", it.isSealed ? "yes" : "no"]
        }
        if terminal.hasBars { most = try snapshot.mostEvents(selection.selection) }
        try snapshot.forEachListed(selection.selection) { layout.measure(cells($0)) }
        layout.fit(within: terminal.width, shortening: 2)
        try output.write(layout.title)
        try snapshot.forEachListed(selection.selection) { try output.write(layout.line(cells($0))) }
    }
}
