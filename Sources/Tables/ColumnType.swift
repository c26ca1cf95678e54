/// The type of a column of a table.
package enum ColumnType: Equatable, Sendable, CustomStringConvertible {
    /// The characters of a string, or a number, `true`, or `false` as the payload has it.
    case text
    /// Any value, as JSON text.
    case json
    /// A whole number of 64 bits.
    case integer
    /// A decimal with at most this many digits (1 to 38), and this many of them after the point.
    case decimal(precision: Int, scale: Int)
    case boolean
    /// A date in the form `2026-11-23`.
    case date
    /// A time in the format of RFC 3339, to the microsecond.
    case timestamp

    /// The forms that ``init(_:)`` accepts.
    package static let forms = "text, integer, decimal(P,S), boolean, date, timestamp, or json"

    /// Parses a type as ``description`` writes it.
    package init?(_ text: some StringProtocol) {
        switch String(text) {
        case "text": self = .text
        case "json": self = .json
        case "integer": self = .integer
        case "boolean": self = .boolean
        case "date": self = .date
        case "timestamp": self = .timestamp
        case let text:
            guard let match = text.wholeMatch(of: /decimal\(([0-9]{1,2}),([0-9]{1,2})\)/), let precision = Int(match.1),
                let scale = Int(match.2), (1...38).contains(precision), scale <= precision
            else { return nil }
            self = .decimal(precision: precision, scale: scale)
        }
    }

    package var description: String {
        switch self {
        case .text: "text"
        case .json: "json"
        case .integer: "integer"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .boolean: "boolean"
        case .date: "date"
        case .timestamp: "timestamp"
        }
    }

    /// The number of bytes of each value, or `nil` if they vary.
    var width: Int? {
        switch self {
        case .text, .json: nil
        case .boolean: 1
        case .date: 4
        case .integer, .timestamp: 8
        case .decimal: 16
        }
    }
}
