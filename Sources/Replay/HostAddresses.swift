package import Configuring
internal import Glibc

/// The addresses of a host, and which of them are public.
package enum HostAddresses {
    /// Returns the addresses of a host, in the order in which they are to be tried (RFC 6724). There is at least one.
    static func resolve(_ host: String) throws(ReplayError) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        var code = getaddrinfo(host, nil, &hints, &list)
        if code != 0 {
            // AI_ADDRCONFIG hides the addresses of a machine that has no other network than loopback.
            hints.ai_flags = 0
            code = getaddrinfo(host, nil, &hints, &list)
        }
        guard code == 0 else { throw .unresolved(host: host, cause: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        for entry in sequence(first: list, next: { $0?.pointee.ai_next }) {
            guard let info = entry?.pointee, let address = info.ai_addr else { break }
            let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { text in
                let flags = NI_NUMERICHOST
                let code = getnameinfo(
                    address, info.ai_addrlen, text.baseAddress, socklen_t(text.count), nil, 0, flags)
                return code == 0 ? text.baseAddress.map { String(cString: $0) } : nil
            }
            // A link-local address of version 6 ends with its zone: fe80::1%eth0.
            if let address = text.flatMap({ IPAddress(String($0.prefix { $0 != "%" })) }) { addresses.append(address) }
        }
        guard !addresses.isEmpty else { throw .unresolved(host: host, cause: "it has no IP address") }
        return addresses
    }

    /// Whether an address is neither of this machine, nor of its link, nor of a private network, nor of a group, nor in an example.
    ///
    /// The ranges are those of RFC 6890 that are not global, multicast, and those that embed addresses of version 4 (RFC 6052,
    /// RFC 2765, RFC 3056, RFC 4380).
    package static func isPublic(_ address: IPAddress) -> Bool { !others.contains { $0.contains(address) } }

    private static let others: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        // Loopback, unspecified, and addresses of version 4 that are not mapped.
        "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8",
    ].compactMap { AddressRange($0) }
}
