package import Configuring
internal import HTTPTypes

/// The proxies that may name the address that a request came from.
///
/// A proxy appends the address of its client to `X-Forwarded-For`. Anything before that came with the request, so
/// only the part that trusted proxies wrote is used: from the right, as long as each address is a trusted proxy's.
package struct TrustedProxies: Sendable {
    private let ranges: [AddressRange]

    package init(_ ranges: [AddressRange]) { self.ranges = ranges }

    /// Returns the address of the client, as text.
    ///
    /// - Parameter peer: The address of the connection's other end.
    func client(of headers: HTTPFields, peer: String) -> String {
        guard var address = IPAddress(peer) else { return peer }
        let fields = HTTPField.Name("X-Forwarded-For").map { headers[values: $0] } ?? []
        let hops = fields.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for text in hops.reversed() {
            guard isTrusted(address) else { break }
            // An entry that is not an address, such as "unknown", hides the client. The proxy that wrote
            // it is the last known address.
            guard let next = IPAddress(forwarded: text) else { break }
            address = next
        }
        return address.description
    }

    private func isTrusted(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }
}
