internal import Webhooks

/// How rows of events are written.
enum EventFormat {
    /// CSV (RFC 4180).
    case csv(isExcelSafe: Bool)
    /// Tab-separated values. Within a cell, a tab is `\t`, a line feed `\n`, a carriage return `\r`, and a backslash `\\`.
    case tsv(isExcelSafe: Bool)
    /// A JSON object in each line, with the names of the columns as they are given.
    case objects

    /// The first line, or `nil` if the format has none.
    func title(_ columns: [EventColumn]) -> [UInt8]? {
        switch self {
        case .csv, .tsv: line(columns.map { (text: $0.name, isNumber: false) })
        case .objects: nil
        }
    }

    func line(_ columns: [EventColumn], _ cells: [EventRow.Cell]) -> [UInt8] {
        guard case .objects = self else { return line(cells.map { (text: $0.text, isNumber: $0.isNumber) }) }
        var line: [UInt8] = []
        for (column, cell) in zip(columns, cells) {
            line.append(UInt8(ascii: line.isEmpty ? "{" : ","))
            JSONText.appendQuoted(column.name, to: &line)
            line.append(UInt8(ascii: ":"))
            // A value may have white space between its tokens, also line feeds.
            line += cell.json.map(JSONText.minified) ?? Array("null".utf8)
        }
        return line + Array("}\n".utf8)
    }

    private func line(_ cells: [(text: String, isNumber: Bool)]) -> [UInt8] {
        switch self {
        case .csv(let isSafe):
            return Array((cells.map { Self.quoted(Self.cell($0, isSafe)) }.joined(separator: ",") + "\r\n").utf8)
        case .tsv(let isSafe):
            return Array((cells.map { Self.escaped(Self.cell($0, isSafe)) }.joined(separator: "\t") + "\n").utf8)
        case .objects: return []
        }
    }

    /// Returns the text of a cell, on request so that no spreadsheet takes it for a formula: with an apostrophe before
    /// a first character that could begin one, except in a number.
    private static func cell(_ cell: (text: String, isNumber: Bool), _ isSafe: Bool) -> String {
        guard isSafe, !cell.isNumber, let first = cell.text.utf8.first, "=+-@\t\r\n".utf8.contains(first) else {
            return cell.text
        }
        return "'" + cell.text
    }

    private static func quoted(_ cell: String) -> String {
        let isPlain = cell.utf8.allSatisfy { ![0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        return isPlain ? cell : "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    private static func escaped(_ cell: String) -> String {
        guard cell.utf8.contains(where: { [0x09, 0x0A, 0x0D, 0x5C].contains($0) }) else { return cell }
        return cell.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n")
            .replacing("\r", with: "\\r")
    }
}
