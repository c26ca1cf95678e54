internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Webhooks

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print matching events. The index finds the blocks that have them.",
        discussion: """
            As NDJSON: the lines of the archive files, byte for byte, by environment, business, day and line. With \
            --redeliveries each is an object: the line, and the deliveries that repeated it.
            """)

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var selection: SelectionOptions

    @Option(help: "The event type, such as NEW_TRANSACTION_CREATED.")
    var type: String?

    @Option(help: "The id of the event.")
    var id: DeliveryID?

    @Flag(help: "With when and how often each was delivered again.")
    var redeliveries = false

    @Flag(help: "As CSV (RFC 4180), with counts and times of redeliveries.")
    var csv = false

    @Flag(help: "NDJSON on a terminal, too, where people otherwise see two short lines for each event.")
    var json = false

    @Flag(help: "Say on stderr what had to be read.")
    var explain = false

    func validate() throws {
        if csv, redeliveries || json { throw ValidationError("--csv excludes --json and --redeliveries") }
    }

    func run() throws {
        let archive = try archive.open()
        let index = try IndexDatabase.open(forReadingIn: archive)
        var output = Output()
        if csv { try output.write(CSVRow.title) }
        let width = csv || redeliveries || json ? nil : Terminal().width
        let cost = try EventQuery(selection.selection, type: type, id: id).run(in: archive, index) { found, snapshot in
            if csv {
                let again = try snapshot.redeliveries(ofLine: found.number, in: found.archive)
                try output.write(CSVRow(found, again).text)
            } else if redeliveries {
                let again = try snapshot.redeliveries(ofLine: found.number, in: found.archive).map(Redelivery.init)
                try output.write(#"{"event":"#)
                try output.write(found.line)
                try output.write(#","redeliveries":"#)
                try output.write(json: again)
                try output.write("}\n")
            } else if let width {
                let again = try snapshot.redeliveries(ofLine: found.number, in: found.archive)
                try output.write(Self.lines(EventLine(found.line), again.count, width: width))
            } else {
                try output.write(found.line)
                try output.write("\n")
            }
        }
        try output.flush()
        if explain {
            say(
                "\(Display.count(cost.events, "event")) from \(Display.count(cost.archives, "archive")): \(cost.blocksInflated) of \(cost.blocks) blocks "
                    + "inflated, \(Display.size(cost.bytesRead)) read")
        }
        if let id, cost.events == 0 { throw Failure(.noInput, "there is no event \(id) in what was asked for") }
    }

    /// An event for a person: when, what, whose, and how often; then its id, and how its payload begins.
    private static func lines(_ event: EventLine, _ redeliveries: Int, width: Int) -> String {
        func cut(_ text: String) -> String { text.count > width ? text.prefix(max(0, width - 1)) + "…" : text }
        let again = redeliveries == 0 ? "" : "  +\(redeliveries)"
        let time = event.time.description.prefix(19).replacing("T", with: " ")
        let type = event.type.padding(toLength: max(24, event.type.count), withPad: " ", startingAt: 0)
        let payload = String(decoding: event.payload.prefix(8 * width), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let lines = ["\(time)  \(type)  \(event.business)\(again)", "  \(event.id)  \(payload)"]
        return lines.map { cut(VisibleText.line($0)) + "\n" }.joined()
    }

    private struct Redelivery: Encodable {
        let id, time, sha256: String
        let differing: Bool

        init(_ it: IndexSnapshot.IndexedRedelivery) {
            id = it.id.description
            time = it.time.description
            sha256 = it.hash.description
            differing = it.differing
        }
    }
}

/// An event as a row of CSV (RFC 4180).
private struct CSVRow {
    static let title =
        "id,time,environment,business,day,type,sha256,pointer,key,redeliveries,redelivered_at,payload\r\n"

    let text: String

    init(_ found: EventQuery.Found, _ redeliveries: [IndexSnapshot.IndexedRedelivery]) throws {
        let event = try EventLine(found.line)
        let cells = [
            event.id.description, event.time.description, event.environment.rawValue, event.business.name ?? "",
            found.archive.day.description, event.type, event.hash.description, event.pointer ?? "", event.key ?? "",
            "\(redeliveries.count)", redeliveries.map(\.time.description).joined(separator: " "),
            String(decoding: event.payload, as: UTF8.self),
        ]
        text = cells.map(Self.quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        let isPlain = cell.utf8.allSatisfy { ![0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        return isPlain ? cell : "\"\(cell.replacing("\"", with: "\"\""))\""
    }
}
