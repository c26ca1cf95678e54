internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Webhooks

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the archives: day, business, events, bytes, and whether sealed.")

    @OptionGroup var archive: ArchiveOptions
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
        let listed = try IndexDatabase.open(forReadingIn: archive.open()).read { try $0.list(selection.selection) }
        let rows = listed.map { it in
            Row(
                environment: it.file.environment.rawValue, day: it.file.day.description,
                business: it.file.business.name, events: it.file.state.lines, bytes: it.file.state.gzipBytes,
                sha256: it.file.state.hash.description, path: it.file.path, sealed: it.isSealed)
        }
        if json.json { return try Output.print(json: rows, else: "") }
        let terminal = Terminal()
        let most = rows.map(\.events).max() ?? 0
        var table = Table(
            ["DAY", "ENVIRONMENT", "BUSINESS", "EVENTS"] + (terminal.hasBars ? [""] : []) + ["BYTES", "SEALED"],
            numeric: terminal.hasBars ? [3, 5] : [3, 4])
        for (row, it) in zip(rows, listed) {
            let bar = terminal.hasBars ? [Bar.part(row.events, of: most, width: 8)] : []
            table.add(
                [row.day, row.environment, it.file.business.description, "\(row.events)"] + bar
                    + ["\(row.bytes)", row.sealed ? "yes" : "no"])
        }
        try Output.print(json: nil as [Row]?, else: table.text(within: terminal.width, shortening: 2))
    }
}
