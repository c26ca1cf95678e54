internal import Foundation
package import Webhooks

/// A delivery from elsewhere.
package struct HistoryItem: Equatable, Sendable {
    /// Where it is: the path of its file, and its line or element, counted from 1, unless the file is one payload.
    package var source: String
    package var payload: [UInt8]
    package var time: Timestamp
    /// The headers to keep, in lower case.
    package var headers: [String: String]

    /// The id that the delivery gets. It depends on the environment, the time, the payload and the headers alone, so an item that
    /// is ingested twice is one delivery.
    package func id(in environment: Environment) throws -> DeliveryID {
        var hash = RunningHash()
        hash.add(Array("daybook ingest\0\(environment)\0\(time)\0\(ContentHash(of: payload))\0".utf8))
        hash.add(Array(try Self.json(headers)))
        return DeliveryID(milliseconds: time.milliseconds, hash: hash.value)
    }

    /// The name of the header with the source of a delivery.
    package static let header = "daybook-ingest"

    /// The headers as the spool has them beside the payload, with the source.
    package func sidecar() throws -> [UInt8] {
        var headers = headers
        headers[Self.header] = String(
            String.UnicodeScalarView(
                source.unicodeScalars.map { CloudEventsText.allows(String($0)) ? $0 : "\u{FFFD}" }))
        return Array(try Self.json(headers))
    }

    private static func json(_ headers: [String: String]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(headers)
    }
}
