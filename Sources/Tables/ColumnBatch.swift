internal import Foundation
internal import Webhooks

/// Rows of a table, by columns: what `write_table.py` writes as one row group.
///
/// The script is part of the program, so this format may change with any release. All numbers are little-endian. A part is
/// its length in bytes, as a number of 8 bytes, and these bytes:
///
///     <header: a part with JSON>  (<number of rows: 8 bytes, not 0>  <columns>)*  <0: 8 bytes>
///
/// A column is the parts validity, offsets (only of text) and values of ``ColumnBuffer``. Without the 0 at the end, the rows
/// are not complete, and the script fails.
struct ColumnBatch: Sendable {
    private(set) var columns: [ColumnBuffer]

    init(_ columns: TableColumns) { self.columns = columns.types.map { ColumnBuffer($0) } }

    var rows: Int { columns[0].count }

    /// The length of all values, in bytes.
    var valueBytes: Int { columns.reduce(0) { $0 + $1.bytes.count } }

    /// Calls `body` with the columns, to each of which it appends one value.
    mutating func appendRow<Result>(_ body: (inout [ColumnBuffer]) -> Result) -> Result {
        let result = body(&columns)
        assert(columns.allSatisfy { $0.count == columns[0].count }, "the columns differ in length")
        return result
    }

    mutating func append(row: Int, of other: ColumnBatch) {
        for index in columns.indices { columns[index].append(row: row, of: other.columns[index]) }
    }

    /// Calls `write` with the pieces of the batch.
    func encode(_ write: ([UInt8]) throws -> Void) rethrows {
        try write(Self.number(rows))
        for column in columns {
            try Self.part(column.validity, write)
            if column.type.width == nil {
                try Self.part(column.offsets.map(\.littleEndian).withUnsafeBytes { Array($0) }, write)
            }
            try Self.part(column.bytes, write)
        }
    }

    /// The bytes after the last batch.
    static let end = number(0)

    /// Returns the bytes before the first batch.
    ///
    /// - Parameter metadata: Stored in the file, under names.
    static func header(_ columns: TableColumns, metadata: [String: String]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var bytes: [UInt8] = []
        part(try Array(encoder.encode(Header(columns, metadata: metadata)))) { bytes += $0 }
        return bytes
    }

    private static func part(_ content: [UInt8], _ write: ([UInt8]) throws -> Void) rethrows {
        try write(number(content.count))
        try write(content)
    }

    private static func number(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(value).littleEndian) { Array($0) }
    }

    private struct Header: Encodable {
        let columns: [Column]
        let metadata: [String: String]
        let sortedBy = [FixedColumn.business.rawValue, FixedColumn.time.rawValue]

        struct Column: Encodable {
            let name, type: String
            var precision: Int?
            var scale: Int?
            /// Whether equal values are stored once.
            let repeats: Bool

            init(_ name: String, _ type: ColumnType, repeats: Bool) {
                self.name = name
                self.repeats = repeats
                switch type {
                case .text, .json: self.type = "string"
                case .decimal(let precision, let scale):
                    self.type = "decimal"
                    (self.precision, self.scale) = (precision, scale)
                case .integer, .boolean, .date, .timestamp: self.type = type.description
                }
            }
        }

        init(_ columns: TableColumns, metadata: [String: String]) {
            self.columns =
                FixedColumn.allCases.map { Column($0.rawValue, $0.columnType, repeats: $0.repeats) }
                + columns.ofPointers.map { Column($0.name, $0.type, repeats: $0.type != .json) }
            self.metadata = metadata
        }

        enum CodingKeys: String, CodingKey {
            case columns, metadata
            case sortedBy = "sorted_by"
        }
    }
}
