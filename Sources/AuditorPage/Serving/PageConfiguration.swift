internal import Foundation

/// The settings of the auditors' page.
package struct PageConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// The port, or 0 for any that is free.
    package var port = 8090
    /// PEM files: the certificate chain, beginning with the server's certificate, and its key. `nil` for plain
    /// HTTP.
    package var certificate: (chain: String, key: String)?
    /// The scheme and authority by which auditors reach the page if it is behind a proxy, or `nil` for those of
    /// the request.
    package var publicOrigin: String?
    package var trustedProxies = TrustedProxies([])
    /// The folder of grants and of the log of access, or `nil` if it is in the archive.
    package var accessFolder: String?
    /// An allowed-signers file to include in bundles.
    package var allowedSigners: String?
    /// The program and its version, for bundles.
    package var program: String
    package var maximumConnections = 1024

    package init(program: String) { self.program = program }

    /// Whether browsers use TLS, to this server or to the proxy.
    var isSecure: Bool { certificate != nil || publicOrigin?.hasPrefix("https://") == true }

    /// Returns whether a text is an origin such as `https://audit.example.com` or `http://127.0.0.1:8090`:
    /// without a path, and without characters that need escaping.
    package static func isOrigin(_ text: String) -> Bool {
        guard let start = ["https://", "http://"].first(where: text.hasPrefix) else { return false }
        return isAuthority(text.dropFirst(start.count))
    }

    static func isAuthority(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
                    UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }
}
