internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// An event as a row of CSV (RFC 4180).
struct CSVRow {
    static let title =
        "id,time,environment,business,day,type,sha256,pointer,key,redeliveries,redelivered_at,payload\r\n"

    let text: String

    init(_ found: EventQuery.Found, _ redeliveries: [IndexSnapshot.IndexedRedelivery]) throws {
        let event = try EventLine(found.line)
        let cells = [
            event.id.description, event.time.description, event.environment.rawValue, event.business.name ?? "",
            found.archive.day.description, event.type, event.hash.description, event.pointer ?? "", event.key ?? "",
            "\(redeliveries.count)", redeliveries.map(\.time.description).joined(separator: " "),
            String(decoding: event.payload, as: UTF8.self),
        ]
        text = cells.map(Self.quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ cell: String) -> String {
        let isPlain = cell.utf8.allSatisfy { ![0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        return isPlain ? cell : "\"\(cell.replacing("\"", with: "\"\""))\""
    }
}
