package import Webhooks

/// Why a delivery is in quarantine: the contents of `quarantine/<id>.reason`, one line of JSON.
package struct QuarantineNote: Codable, Equatable, Sendable {
    package var id: String
    /// The name that the payload had in `new/`. A release restores it.
    package var name: String
    /// The time of receipt, in RFC 3339 format and UTC.
    package var time: String
    package var sha256: String
    /// The size of the payload, in bytes.
    package var size: Int
    package var reason: String
    /// The offset of the fault in the payload, in bytes.
    package var at: Int?

    package init(id: DeliveryID, name: String, time: Timestamp, hash: ContentHash, size: Int, reason: String, at: Int?)
    {
        self.id = id.description
        self.name = name
        self.time = time.description
        self.sha256 = hash.description
        self.size = size
        self.reason = reason
        self.at = at
    }
}
