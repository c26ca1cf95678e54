internal import Glibc
internal import HTTPTypes

/// The proxies whose word is taken for where a request came from.
///
/// A proxy adds the address of who asked it to the end of `X-Forwarded-For`. What comes before that came with the request,
/// so only the part that trusted proxies wrote is believed: from the right, as far as each address is one of theirs.
package struct TrustedProxies: Sendable {
    private let ranges: [AddressRange]

    package init(_ ranges: [AddressRange]) { self.ranges = ranges }

    /// The address of the client, as text.
    ///
    /// - Parameter peer: whose connection the request came by.
    func client(of headers: HTTPFields, peer: String) -> String {
        guard var address = IPAddress(peer) else { return peer }
        let fields = HTTPField.Name("X-Forwarded-For").map { headers[values: $0] } ?? []
        let hops = fields.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for text in hops.reversed() {
            guard isTrusted(address) else { break }
            // What is no address, such as "unknown", hides who asked; the proxy that wrote it is the last that is known.
            guard let next = IPAddress(forwarded: text) else { break }
            address = next
        }
        return address.description
    }

    private func isTrusted(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }
}

/// An address, or those that begin with the same bits: `127.0.0.1`, `10.0.0.0/8`, `2001:db8::/32` (RFC 4632, section 3.1;
/// RFC 4291, section 2.3).
package struct AddressRange: Sendable {
    private let first: IPAddress
    /// How many bits they share, of 128.
    private let bits: Int

    /// nil for any other form, also where bits are set beyond those that are shared: it would not be clear what is meant.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = IPAddress(String(parts[0])) else { return nil }
        self.first = first
        guard parts.count == 2 else {
            bits = 128
            return
        }
        guard let bits = Int(parts[1]), "\(bits)" == parts[1], (0...first.bits).contains(bits) else { return nil }
        self.bits = 128 - first.bits + bits
        guard first.prefix(self.bits) == first else { return nil }
    }

    /// Of the same version only: `::/0` does not contain the address that a socket reports as `::ffff:198.51.100.4`.
    func contains(_ address: IPAddress) -> Bool { address.bits == first.bits && address.prefix(bits) == first }
}

/// An address of the Internet Protocol, of version 4 or 6.
struct IPAddress: Hashable, CustomStringConvertible {
    /// An address of version 4 is kept as version 6 maps it (RFC 4291, section 2.5.5.2), as a socket for both reports it.
    private var bytes: [UInt8]

    /// As inet_pton(3) reads it.
    init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = Self.mapped + withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    /// As proxies write it: white space around it, a port after it, and then brackets around one of version 6.
    init?(forwarded text: some StringProtocol) {
        let parts = text.split { $0 == " " || $0 == "\t" }
        guard parts.count == 1, var address = parts.first.map({ $0[...] }) else { return nil }
        if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
            address = address[..<end].dropFirst()
        } else if let colon = address.firstIndex(of: ":"), colon == address.lastIndex(of: ":") {
            address = address[..<colon]
        }
        self.init(String(address))
    }

    private var isFour: Bool { bytes.starts(with: Self.mapped) }

    /// How many it has in its own version.
    var bits: Int { isFour ? 32 : 128 }

    /// The first bits, of 128; the others are 0.
    func prefix(_ count: Int) -> Self {
        var prefix = self
        for place in bytes.indices {
            let kept = min(8, max(0, count - 8 * place))
            prefix.bytes[place] &= ~(UInt8.max >> kept)
        }
        return prefix
    }

    /// In the one form that inet_ntop(3) gives it.
    var description: String {
        let (family, own) = isFour ? (AF_INET, bytes.suffix(4)) : (AF_INET6, bytes[...])
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            guard let start = text.baseAddress,
                own.withUnsafeBytes({ inet_ntop(family, $0.baseAddress, start, socklen_t(text.count)) }) != nil
            else { preconditionFailure("an address always has a text") }
            return String(cString: start)
        }
    }

    private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
}
