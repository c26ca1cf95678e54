internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// Reads the cells of an event's row.
struct EventRow {
    let columns: [EventColumn]
    private let fields: PayloadFields

    struct Cell: Equatable {
        /// The text, which is empty without a value.
        let text: String
        /// The JSON text, or `nil` without a value.
        let json: [UInt8]?
        let isNumber: Bool

        fileprivate init(_ text: String?) {
            self.text = text ?? ""
            json = text.map { text in
                var json: [UInt8] = []
                JSONText.appendQuoted(text, to: &json)
                return json
            }
            isNumber = false
        }

        fileprivate init(json: [UInt8], isNumber: Bool = false) {
            text = String(decoding: json, as: UTF8.self)
            self.json = json
            self.isNumber = isNumber
        }

        fileprivate init(_ value: PayloadFields.Value?) {
            text = value?.text ?? ""
            json = value?.json
            isNumber = value?.isNumber ?? false
        }
    }

    init(_ columns: [EventColumn]) {
        self.columns = columns
        fields = PayloadFields(
            columns.compactMap { if case .value(let pointer) = $0 { pointer } else { nil } })
    }

    func cells(_ found: EventQuery.Found, _ snapshot: IndexSnapshot) throws -> [Cell] {
        let event = try EventLine(found.line)
        let again =
            columns.contains(.known(.redeliveries)) || columns.contains(.known(.redeliveredAt))
            ? try snapshot.redeliveries(ofLine: found.number, in: found.archive) : []
        var values = fields.pointers.isEmpty ? [][...] : try event.payload.withUnsafeBytes { try fields.read($0) }[...]
        return columns.map { column in
            switch column {
            case .value: Cell(values.popFirst() ?? nil)
            case .known(.id): Cell(event.id.description)
            case .known(.time): Cell(event.time.description)
            case .known(.environment): Cell(event.environment.rawValue)
            case .known(.business): Cell(event.business.name)
            case .known(.day): Cell(found.archive.day.description)
            case .known(.type): Cell(event.type)
            case .known(.sha256): Cell(event.hash.description)
            case .known(.pointer): Cell(event.pointer)
            case .known(.key): Cell(event.key)
            case .known(.redeliveries): Cell(json: Array("\(again.count)".utf8), isNumber: true)
            case .known(.redeliveredAt): Cell(again.map(\.time.description).joined(separator: " "))
            case .known(.payload): Cell(json: event.payload)
            case .known(.headers): event.headers.map { Cell(json: Array($0.utf8)) } ?? Cell(String?.none)
            }
        }
    }
}
