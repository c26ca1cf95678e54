internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Webhooks

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print matching events, reading only the blocks that contain them.",
        discussion: """
            The output is NDJSON: the lines of the archive files, byte for byte, by environment, business, day, and line. \
            With --redeliveries, each line is an object with the event and the deliveries that repeated it. Damaged files \
            and blocks are skipped and named, and the exit code is 65. Events that were erased are left out and counted.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var selection: SelectionOptions

    @Option(help: "The event type, such as NEW_TRANSACTION_CREATED.")
    var type: String?

    @Option(help: "The id of the event.")
    var id: DeliveryID?

    @Flag(help: "Include the redeliveries of each event.")
    var redeliveries = false

    @Flag(help: "Print CSV (RFC 4180), with the number and times of redeliveries.")
    var csv = false

    @Flag(help: "Print NDJSON on a terminal too, instead of two short lines for each event.")
    var json = false

    @Flag(help: "Print on stderr how much had to be read.")
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
        var damage: (count: Int, first: String) = (0, "")
        let query = EventQuery(selection.selection, type: type, id: id)
        let cost = try query.run(in: archive, index) { error in
            if damage.count == 0 { damage.first = "\(error)" } else { say("daybook: warning: \(error)") }
            damage.count += 1
        } _: { found, snapshot in
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
        if damage.count > 0 {
            throw Failure(
                .data,
                "\(Display.count(damage.count, "damaged file or block was", plural: "damaged files or blocks were")) skipped: "
                    + damage.first)
        }
        if let id, cost.gone > 0, cost.events == 0 {
            throw Failure(
                .noInput,
                "the event \(id) is gone: it was erased, or lost and salvaged; its tombstone, which "
                    + "`daybook get` retrieves, names the record")
        }
        if cost.gone > 0 {
            say("\(Display.count(cost.gone, "event")) left out: erased, or lost and salvaged")
        }
        if let id, cost.events == 0 { throw Failure(.noInput, "there is no event \(id) in the selected archives") }
    }

    /// Writes an event for a person: when, what, whose, and how often; then its id, and the beginning of its
    /// payload.
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
