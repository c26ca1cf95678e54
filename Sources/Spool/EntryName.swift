package import Webhooks

/// The names of one delivery's files in the spool.
package struct EntryName: Sendable {
    /// The name of the payload's file.
    package let body: String

    /// The name of a delivery that the receiver stored.
    package init(_ id: DeliveryID) { body = "\(id).json" }

    /// The name of a delivery whose file may have been named by another program.
    package init(body: String) { self.body = body }

    private var stem: Substring { body.hasSuffix(".json") ? body.dropLast(5) : body[...] }
    package var sidecar: String { "\(stem)\(Self.sidecarSuffix)" }
    package var reason: String { "\(stem)\(Self.reasonSuffix)" }

    /// Whether the bytes of a name are those of a sidecar's.
    static func isSidecar(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        name.suffix(sidecarSuffix.utf8.count).elementsEqual(sidecarSuffix.utf8)
    }

    package static let sidecarSuffix = ".headers.json"
    package static let bodySuffix = ".json"
    package static let reasonSuffix = ".reason"
}
