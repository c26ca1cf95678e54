internal import Configuring

/// A table for people, with numbers aligned to the right.
struct Table {
    private var rows: [[String]]
    private let numeric: Set<Int>

    /// - Parameter numeric: The columns that contain numbers, starting at 0.
    init(_ titles: [String], numeric: Set<Int> = []) {
        rows = [titles]
        self.numeric = numeric
    }

    mutating func add(_ cells: [String]) { rows.append(cells.map(VisibleText.line)) }

    var text: String { text(within: nil, shortening: 0) }

    /// - Parameters:
    ///   - width: The maximum width of a line, in columns, or `nil` for no maximum.
    ///   - flexible: The column whose cells are shortened to fit, down to 8 columns.
    func text(within width: Int?, shortening flexible: Int) -> String {
        var rows = rows
        var widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        if let width {
            let excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
            if excess > 0 {
                let left = min(widths[flexible], max(8, widths[flexible] - excess))
                for row in rows.indices where rows[row][flexible].count > left {
                    rows[row][flexible] = rows[row][flexible].prefix(left - 1) + "…"
                }
                widths[flexible] = left
            }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (numeric.contains(column) ? padding + cell : cell + padding)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
