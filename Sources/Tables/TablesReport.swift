package import Webhooks

/// What a run of ``TableCopy`` did.
package struct TablesReport: Encodable, Sendable {
    /// The last sweep that the tables include.
    package var sweep: Int
    /// The tables that were written.
    package var written: [WrittenTable] = []
    /// The files of tables that were removed.
    package var removed: [String] = []
    /// The number of tables that needed no change.
    package var unchanged = 0
    /// The columns with values that do not fit their type, in the tables that were written.
    package var misfits: [Misfits] = []
    /// The number of damaged files, blocks, and lines that were left out.
    package var damaged = 0

    init(sweep: Int, unchanged: Int = 0) {
        self.sweep = sweep
        self.unchanged = unchanged
    }

    package struct WrittenTable: Encodable, Sendable {
        package let file: String
        package let environment: Environment
        /// The number of events in it.
        package let events: Int
        /// The number of archives that they were read from.
        package let archives: Int
        /// The size of the file.
        package let bytes: Int
        /// Whether nothing that was damaged is left out.
        package let complete: Bool
    }

    package struct Misfits: Encodable, Sendable {
        package let column: String
        package let type: String
        package let count: Int
        /// The id of the first event with such a value.
        package let first: String
    }

    mutating func add(_ entry: TableManifest.Entry, of period: TablePeriod) {
        written.append(
            WrittenTable(
                file: entry.file, environment: period.environment, events: entry.events, archives: entry.archives,
                bytes: entry.bytes, complete: entry.isComplete))
    }

    mutating func add(_ misfits: TableReader.Misfits, in column: PointerColumn) {
        guard let first = misfits.first else { return }
        self.misfits.append(
            Misfits(
                column: column.name, type: column.type.description, count: misfits.count, first: first.description))
    }
}
