internal import ArchiveIndex
internal import ArgumentParser
internal import Configuring
internal import Tables
internal import Webhooks

struct TablesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "Keep a copy of all events for analysis: a Parquet file for each environment and month.",
        discussion: """
            Only the tables are written whose events have changed since the last run: by a sweep, an erasure, a repair, or a \
            prune. Each is replaced as a whole, so engines can read meanwhile. Tables are sorted by business and time of \
            receipt. Events that were erased are in none.

            --column adds a column with the values at a JSON pointer (RFC 6901) into the payloads. Its types are text, \
            integer, decimal(P,S), boolean, date, timestamp, and json. Nothing is rounded: a value that does not fit its \
            type exactly is NULL, and a warning counts them. With other columns, all tables are written again.

            It runs Python with the package pyarrow. Damaged files and blocks are skipped and named, and the exit code is \
            65; the next run writes these tables again.
            """)

    @OptionGroup var archive: ReadingOptions
    @OptionGroup var pythonOption: PythonOption
    @OptionGroup var json: JSONOption

    @Option(help: ArgumentHelp("The folder of the tables, which contains nothing else.", valueName: "folder"))
    var out: String

    @Option(help: "The days of one table: month or day.")
    var by = TableGranularity.month

    @Option(
        name: .customLong("column"),
        help: ArgumentHelp(
            "A column: its name, its type, and a JSON pointer, such as 'amount decimal(18,2) /data/amount'. Can be repeated.",
            valueName: "column"))
    var columns: [String] = []

    func validate() throws {
        if out.isEmpty { throw ValidationError("--out is empty") }
        _ = try tableColumns()
    }

    private func tableColumns() throws -> TableColumns {
        do {
            return try TableColumns(columns.map { try PointerColumn($0) })
        } catch {
            throw ValidationError("--column: \(error)")
        }
    }

    func run() throws {
        let settings = try archive.settings()
        let opened = try archive.open()
        let progress = ByteProgress()
        let report = try TableCopy(
            of: opened, IndexDatabase.open(forReadingIn: opened), to: out, tableColumns(), by: by,
            python: pythonOption.program(settings), pipeline: settings.pipeline()
        ) { file, done, total in
            progress("writing", file, done: done, of: total)
        } damage: { error in
            say("daybook: warning: \(error)")
        }.run()
        if json.json { try Output.print(json: report, else: "") } else { say(report.text(out)) }
        for misfits in report.misfits { say("daybook: warning: \(misfits.sentence)") }
        if report.damaged > 0 {
            throw Failure(
                .data,
                "\(Display.count(report.damaged, "damaged file or block was", plural: "damaged files or blocks were")) left out; "
                    + "run `daybook repair`, then this again")
        }
    }
}

extension TableGranularity: ExpressibleByArgument {}

extension TablesReport {
    fileprivate func text(_ folder: String) -> String {
        var lines: [String] = []
        if !written.isEmpty {
            var table = Table(["TABLE", "EVENTS", "ARCHIVES", "BYTES"], numeric: [1, 2, 3])
            for it in written { table.add([it.file, "\(it.events)", "\(it.archives)", "\(it.bytes)"]) }
            lines.append(table.text)
        }
        lines += removed.map { "\($0) removed: its events are gone\n" }
        let counts = [
            "\(written.count) written", "\(removed.count) removed", "\(unchanged) unchanged",
        ].joined(separator: ", ")
        return lines.joined() + "\(folder), through sweep \(sweep): \(counts)"
    }
}

extension TablesReport.Misfits {
    fileprivate var sentence: String {
        "\(Display.count(count, "value does", plural: "values do")) not fit the column \(column) \(type) exactly and "
            + "\(count == 1 ? "is" : "are") NULL, at first in the event \(first)"
    }
}
