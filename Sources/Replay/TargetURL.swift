internal import Configuring
internal import FoundationEssentials

/// The URL that a replay posts to.
package struct TargetURL: Sendable {
    package let text: String
    /// The URL as messages show it: without its query, which may have a token.
    package var shown: String { Self.shown(text) }

    /// Returns a text without the query that it has if it is a URL.
    static func shown(_ text: String) -> String {
        guard text.hasPrefix("http"), let start = text.firstIndex(of: "?") else { return text }
        return "\(text[..<start])?…"
    }
    /// The host, without the brackets of an IPv6 address.
    let host: String

    /// - Throws: ``ReplayError/url(_:cause:)`` unless it is an absolute `http` or `https` URL without a user and a fragment.
    package init(_ text: String) throws(ReplayError) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased() else {
            throw .url(text, cause: "it is not an absolute URL, such as https://example.com/webhooks")
        }
        guard scheme == "http" || scheme == "https" else {
            throw .url(text, cause: "its scheme is \(scheme), and may be http or https")
        }
        guard let host = url.host(percentEncoded: false), !host.isEmpty else {
            throw .url(text, cause: "it has no host")
        }
        // A password in the arguments is visible to every user of the machine.
        guard url.user() == nil, url.password() == nil else {
            throw .url(
                "of \(host)", cause: "it has a user or a password; give credentials in a file, with --header-file")
        }
        guard url.fragment() == nil else { throw .url(text, cause: "it has a fragment, which is not sent") }
        if let port = url.port, !(1...65_535).contains(port) {
            throw .url(text, cause: "its port is \(port), and may be 1 to 65535")
        }
        self.text = text
        self.host = host
    }

    /// Returns the address to connect to.
    ///
    /// Every address of the host is checked, and the replay connects to the one that is returned, so the name cannot lead
    /// elsewhere later.
    ///
    /// - Parameter allowsPrivate: Whether addresses of this machine and of private networks may be used.
    /// - Throws: ``ReplayError/unresolved(host:cause:)``, ``ReplayError/notPublic(host:address:)``.
    func address(allowsPrivate: Bool) throws(ReplayError) -> IPAddress {
        let addresses = try HostAddresses.resolve(host)
        if !allowsPrivate, let address = addresses.first(where: { !HostAddresses.isPublic($0) }) {
            throw .notPublic(host: host, address: address.description)
        }
        return addresses[0]
    }
}
