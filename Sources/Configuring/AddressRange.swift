/// An address, or the addresses that begin with the same bits: `127.0.0.1`, `10.0.0.0/8`, `2001:db8::/32` (RFC 4632,
/// section 3.1; RFC 4291, section 2.3).
package struct AddressRange: Sendable {
    private let first: IPAddress
    /// The number of shared bits, of 128.
    private let bits: Int

    /// Returns `nil` for any other form, and if bits beyond the shared ones are set, since it would be unclear
    /// which range is meant.
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

    /// Only addresses of the same version are contained: `::/0` does not contain the address that a socket
    /// reports as `::ffff:198.51.100.4`.
    package func contains(_ address: IPAddress) -> Bool { address.bits == first.bits && address.prefix(bits) == first }
}
