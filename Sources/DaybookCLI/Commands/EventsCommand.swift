internal import Archive
internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Webhooks

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print matching events, reading only the blocks that may contain them.",
        discussion: """
            The output is NDJSON: the lines of the archive files, byte for byte, by environment, business, day, and line, or \
            with --newest-first by time. \
            With --redeliveries, each line is an object with the event and the deliveries that repeated it; with --fields, \
            an object of these. Damaged files and blocks are skipped and named, and the exit code is 65. Events that were \
            erased are left out and counted.

            --where compares values of the payload, which JSON pointers (RFC 6901) lead to: = != < <= > >= with a number, a \
            string in double quotes, true, false, or null; ~ with a regular expression in double quotes; or exists. \
            Comparisons are joined by and. Numbers are compared as decimals, with all their digits.

            To get each event once, also those that are archived later for an earlier day, remember the last sweep:

                last=$(daybook events --print-sweep)
                daybook events --since-sweep N --until-sweep $last

            where N is what `last` was in the run before, at first 0.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var options: QueryOptions

    @OptionGroup var condition: ConditionOption

    @Option(help: ArgumentHelp("Print no more events than this.", valueName: "count"))
    var limit: Int?

    @Flag(help: "Print events by their time of receipt, the last first.")
    var newestFirst = false

    @Flag(help: "Print the number of events instead of the events.")
    var count = false

    @Flag(help: "Print the number of the last sweep instead of events.")
    var printSweep = false

    @Flag(help: "Include the redeliveries of each event.")
    var redeliveries = false

    @Option(
        help: ArgumentHelp(
            "What to print of each event, separated by commas: JSON pointers into the payload, and names of the columns of --csv.",
            valueName: "fields"))
    var fields: String?

    @Flag(help: "Print CSV (RFC 4180).")
    var csv = false

    @Flag(help: #"Print tab-separated values, in which a tab is \t, a line feed \n, and a backslash \\."#)
    var tsv = false

    @Flag(help: "Begin each cell that a spreadsheet could take for a formula with an apostrophe.")
    var excelSafe = false

    @Flag(help: "Print NDJSON on a terminal too, instead of two short lines for each event.")
    var json = false

    @Flag(help: "Print on stderr how much had to be read.")
    var explain = false

    func validate() throws {
        let formats = [csv, tsv, redeliveries || json].count { $0 }
        if formats > 1 { throw ValidationError("--csv, --tsv, and --json or --redeliveries exclude each other") }
        if fields != nil, redeliveries {
            throw ValidationError("--fields excludes --redeliveries; it has the field redeliveries")
        }
        if excelSafe, !csv, !tsv { throw ValidationError("--excel-safe needs --csv or --tsv") }
        let hasOutput = formats > 0 || fields != nil || limit != nil || newestFirst
        if printSweep, count || hasOutput || explain {
            throw ValidationError("--print-sweep excludes --count, --explain, --limit, --newest-first, and formats")
        }
        if count, hasOutput { throw ValidationError("--count excludes --limit, --newest-first, and formats") }
        if let limit, limit < 1 { throw ValidationError("--limit \(limit) is less than 1") }
        _ = try columns()
    }

    /// The columns to print, or `nil` to print whole lines.
    private func columns() throws -> [EventColumn]? {
        guard let fields else { return csv || tsv ? EventColumn.all : nil }
        let names = fields.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        // An object may have each name once.
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            throw ValidationError("--fields has \(names[twice]) twice")
        }
        do {
            return try names.map { try EventColumn($0) }
        } catch {
            throw ValidationError("--fields: \(error)")
        }
    }

    func run() throws {
        let opened = try archive.open()
        let index = try IndexDatabase.open(forReadingIn: opened)
        var query = options.query
        query.condition = try condition.condition()
        (query.limit, query.isNewestFirst) = (limit, newestFirst)
        if printSweep {
            let last = try index.read { try $0.lastPublishedSweep() }
            return try Output.print(json: Int?.none, else: "\(last)\n")
        }
        if count, query.isOfIndex, !explain {
            let (count, damage) = try index.read { (try $0.count(query), try $0.damage(in: query.selection)) }
            try Output.print(json: Int?.none, else: "\(count)\n")
            if let first = damage.first {
                throw Failure(.data, "not all of it is counted: \(first.sentence(of: damage))")
            }
            if count == 0 { try explainNothing(query, index) }
            return try requireIDs(query, index)
        }
        var output = Output()
        var damage: (count: Int, first: String) = (0, "")
        let write = count ? { _, _, _ in } : try writer()
        if !count, let title = try format.flatMap({ format in try columns().flatMap(format.title) }) {
            try output.write(title)
        }
        let cost = try query.run(in: opened, index, pipeline: archive.settings().pipeline()) { error in
            if damage.count == 0 { damage.first = "\(error)" } else { say("daybook: warning: \(error)") }
            damage.count += 1
        } _: { found, snapshot in
            try write(found, snapshot, &output)
        }
        if count { try output.write("\(cost.events)\n") }
        try output.flush()
        if explain {
            say(
                "\(Display.count(cost.events, "event")) from \(Display.count(cost.archives, "archive")): \(cost.blocksInflated) of \(cost.blocks) blocks "
                    + "inflated, \(Display.size(cost.bytesRead)) read")
        }
        for pointer in cost.missingPointers {
            say("daybook: warning: none of the payloads that were read has a value at \(pointer)")
        }
        if damage.count > 0 {
            throw Failure(
                .data,
                "\(Display.count(damage.count, "damaged file or block was", plural: "damaged files or blocks were")) skipped: "
                    + damage.first)
        }
        if query.ids.count == 1, let id = query.ids.first, cost.gone > 0, cost.events == 0 {
            throw Failure(
                .noInput,
                "the event \(id) is gone: it was erased, or lost and salvaged; its tombstone, which "
                    + "`daybook get` retrieves, names the record")
        }
        if cost.gone > 0 {
            say("\(Display.count(cost.gone, "event")) left out: erased, or lost and salvaged")
        }
        if cost.events == 0, cost.gone == 0 { try explainNothing(query, index) }
        try requireIDs(query, index)
    }

    /// The format of rows, or `nil` if whole lines are printed.
    private var format: EventFormat? {
        if csv { return .csv(isExcelSafe: excelSafe) }
        if tsv { return .tsv(isExcelSafe: excelSafe) }
        return fields == nil ? nil : .objects
    }

    private typealias Writer = (EventQuery.Found, IndexSnapshot, inout Output) throws -> Void

    private func writer() throws -> Writer {
        if let format, let columns = try columns() {
            let row = EventRow(columns)
            return { found, snapshot, output in
                try output.write(format.line(columns, row.cells(found, snapshot)))
            }
        }
        if redeliveries {
            return { found, snapshot, output in
                let again = try snapshot.redeliveries(ofLine: found.number, in: found.archive).map(Redelivery.init)
                try output.write(#"{"event":"#)
                try output.write(found.line)
                try output.write(#","redeliveries":"#)
                try output.write(json: again)
                try output.write("}\n")
            }
        }
        if let width = json ? nil : Terminal().width {
            return { found, snapshot, output in
                let again = try snapshot.redeliveries(ofLine: found.number, in: found.archive)
                try output.write(Self.lines(EventLine(found.line), again.count, width: width))
            }
        }
        return { found, _, output in
            try output.write(found.line)
            try output.write("\n")
        }
    }

    /// Says which filters match nothing, whatever the others are.
    private func explainNothing(_ query: EventQuery, _ index: IndexDatabase) throws {
        let (unknownTypes, unknownBusinesses, last) = try index.read { snapshot in
            (
                try query.types.filter { try !snapshot.knows($0) },
                try query.selection.businesses.filter { try !snapshot.hasFiles(Selection(business: $0)) },
                try snapshot.lastPublishedSweep()
            )
        }
        for type in unknownTypes { say("no event has the type \(type); `daybook stats` lists the types") }
        for business in unknownBusinesses.prefix(10) {
            say("no archive is of \(VisibleText.quoted(business.description)); `daybook stats` lists the businesses")
        }
        if let after = query.sweeps.after, after >= last {
            say("sweep \(last) is the last, so none is after --since-sweep \(after)")
        }
    }

    /// - Throws: ``Failure`` with 66 if the selected archives do not have each of the ids.
    private func requireIDs(_ query: EventQuery, _ index: IndexDatabase) throws {
        let unknown = try query.unknownIDs(in: index)
        guard let first = unknown.first else { return }
        let more = unknown.count == 1 ? "" : ", nor \(Display.count(unknown.count - 1, "other")) of those given,"
        throw Failure(.noInput, "there is no event \(first)\(more) in the selected archives")
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
