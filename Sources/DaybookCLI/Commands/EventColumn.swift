internal import Webhooks

/// A column of the output of `events`: something that Daybook knows of an event, or a value of its payload.
enum EventColumn: Equatable {
    case known(Known)
    case value(JSONPointer)

    enum Known: String, CaseIterable {
        case id, time, environment, business, day, type, sha256, pointer, key, redeliveries
        case redeliveredAt = "redelivered_at"
        case payload
        case headers
    }

    /// The columns of CSV, unless others are chosen. The headers are left out, since they may be signatures.
    static let all = Known.allCases.filter { $0 != .headers }.map { EventColumn.known($0) }

    var name: String {
        switch self {
        case .known(let known): known.rawValue
        case .value(let pointer): pointer.description
        }
    }

    /// - Parameter name: A name of ``Known``, or a JSON pointer.
    /// - Throws: ``JSONPointerError``, also if it is neither.
    init(_ name: String) throws(JSONPointerError) {
        if let known = Known(rawValue: name) {
            self = .known(known)
            return
        }
        guard name.hasPrefix("/") else {
            throw JSONPointerError(
                text: name, kind: "field", cause: "it is neither a known name nor a JSON pointer",
                remedy: "Write a pointer such as /data/amount, or one of "
                    + Known.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        self = .value(try JSONPointer(name))
    }
}
