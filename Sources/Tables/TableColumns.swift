package import Webhooks

/// The columns of all tables: the fixed ones, then those of pointers.
package struct TableColumns: Equatable, Sendable {
    package let ofPointers: [PointerColumn]

    /// - Throws: ``JSONPointerError`` if two columns have one name. To engines, capitals do not matter.
    package init(_ columns: [PointerColumn]) throws(JSONPointerError) {
        var names = Set(FixedColumn.allCases.map(\.rawValue))
        for column in columns where !names.insert(column.name.lowercased()).inserted {
            throw JSONPointerError(
                text: column.description, kind: "column", cause: "there is another column \(column.name.lowercased())",
                remedy: "Give it another name. Every table has "
                    + "\(FixedColumn.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        ofPointers = columns
    }

    /// The types of the columns, in their order.
    var types: [ColumnType] {
        FixedColumn.allCases.map(\.columnType) + ofPointers.map(\.type)
    }
}
