/// A column that every table has.
package enum FixedColumn: String, CaseIterable, Sendable {
    case id, time, environment, business, day, type, sha256, pointer, key, headers, redeliveries, sweep, payload

    var columnType: ColumnType {
        switch self {
        case .time: .timestamp
        case .day: .date
        case .redeliveries, .sweep: .integer
        case .id, .environment, .business, .type, .sha256, .pointer, .key, .headers, .payload: .text
        }
    }

    /// Whether many rows have the same value, which is then stored once.
    var repeats: Bool {
        switch self {
        case .id, .sha256, .key, .payload: false
        default: true
        }
    }
}
