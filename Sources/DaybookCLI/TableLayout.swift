internal import Configuring

/// The columns of a table for people, with numbers aligned to the right.
///
/// First measure every row, then write every row: so a table may have more rows than memory holds.
struct TableLayout {
    private let titles: [String]
    private let numeric: Set<Int>
    private var widths: [Int]
    /// The column whose cells are shortened, and the width that they are shortened to.
    private var shortened: (column: Int, width: Int)?

    /// - Parameter numeric: The columns that contain numbers, starting at 0.
    init(_ titles: [String], numeric: Set<Int> = []) {
        self.titles = titles
        self.numeric = numeric
        widths = titles.map(\.count)
    }

    /// Widens the columns to the cells of a row.
    mutating func measure(_ cells: [String]) {
        for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], VisibleText.line(cell).count) }
    }

    /// Narrows a column, down to 8 characters, so that a line fits.
    ///
    /// - Parameters:
    ///   - width: The maximum width of a line, in columns, or `nil` for no maximum.
    ///   - flexible: The column whose cells are shortened.
    mutating func fit(within width: Int?, shortening flexible: Int) {
        guard let width else { return }
        let excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
        guard excess > 0 else { return }
        widths[flexible] = min(widths[flexible], max(8, widths[flexible] - excess))
        shortened = (flexible, widths[flexible])
    }

    /// The line of titles, with its LF.
    var title: String { line(titles) }

    /// Returns the line of a row, with its LF.
    func line(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            var cell = VisibleText.line(cell)
            if let shortened, column == shortened.column, cell.count > shortened.width {
                cell = cell.prefix(shortened.width - 1) + "…"
            }
            let padding = String(repeating: " ", count: widths[column] - cell.count)
            line += (column == 0 ? "" : "  ") + (numeric.contains(column) ? padding + cell : cell + padding)
        }
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }
}
