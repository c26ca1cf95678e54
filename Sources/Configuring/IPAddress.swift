internal import Glibc

/// An IP address of version 4 or 6.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// A version 4 address is kept as mapped to version 6 (RFC 4291, section 2.5.5.2), which is how a dual-stack
    /// socket reports it.
    private var bytes: [UInt8]

    /// Parses the forms that inet_pton(3) accepts.
    package init?(_ text: String) {
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

    /// Parses the forms that proxies write: with white space around it, and with a port after it, for which a
    /// version 6 address is in brackets.
    package init?(forwarded text: some StringProtocol) {
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

    /// The number of bits in its version.
    var bits: Int { isFour ? 32 : 128 }

    /// Returns the address with only its first `count` bits of 128; the others are 0.
    func prefix(_ count: Int) -> Self {
        var prefix = self
        for place in bytes.indices {
            let kept = min(8, max(0, count - 8 * place))
            prefix.bytes[place] &= ~(UInt8.max >> kept)
        }
        return prefix
    }

    /// The canonical form, from inet_ntop(3).
    package var description: String {
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
