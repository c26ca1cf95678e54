/// A table for people, of few rows.
struct Table {
    private var rows: [[String]] = []
    private var layout: TableLayout

    /// - Parameter numeric: The columns that contain numbers, starting at 0.
    init(_ titles: [String], numeric: Set<Int> = []) { layout = TableLayout(titles, numeric: numeric) }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
        layout.measure(cells)
    }

    var text: String { text(within: nil, shortening: 0) }

    /// - Parameters:
    ///   - width: The maximum width of a line, in columns, or `nil` for no maximum.
    ///   - flexible: The column whose cells are shortened to fit, down to 8 columns.
    func text(within width: Int?, shortening flexible: Int) -> String {
        var layout = layout
        layout.fit(within: width, shortening: flexible)
        return layout.title + rows.map(layout.line).joined()
    }
}
