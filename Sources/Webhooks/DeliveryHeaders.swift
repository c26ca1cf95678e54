internal import FoundationEssentials

/// The request headers kept with a delivery, as its sidecar file holds them: one JSON object of strings.
package struct DeliveryHeaders: Sendable {
    /// The object as JSON text without white space, which is the member `headers` of an archived line.
    package let text: String
    /// The values by header name, in lower case.
    package let values: [String: String]

    /// Reads a sidecar. Returns `nil` unless it is a JSON object of strings that a CloudEvents attribute may hold.
    package init?(sidecar: [UInt8]) {
        do {
            try JSONText.validate(sidecar)
            text = String(decoding: JSONText.minified(sidecar), as: UTF8.self)
            values = try JSONDecoder().decode([String: String].self, from: Data(sidecar))
        } catch {
            return nil
        }
        guard CloudEventsText.allows(text) else { return nil }
    }
}
