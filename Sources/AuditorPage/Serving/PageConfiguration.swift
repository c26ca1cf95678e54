internal import Foundation

/// How the auditors' page is served.
package struct PageConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 for any that is free.
    package var port = 8090
    /// Files in PEM form: the chain, the server's own certificate first, and its key. nil for plain HTTP.
    package var certificate: (chain: String, key: String)?
    /// Scheme and authority by which auditors know the page, if it is behind a proxy; nil for the one that the request names.
    package var publicOrigin: String?
    package var trustedProxies = TrustedProxies([])
    /// A file of who may sign, to be put into bundles.
    package var allowedSigners: String?
    /// The program and its version, for bundles.
    package var program: String
    package var maximumConnections = 1024

    package init(program: String) { self.program = program }

    /// Whether browsers come by TLS, here or at the proxy.
    var isSecure: Bool { certificate != nil || publicOrigin?.hasPrefix("https://") == true }

    /// `https://audit.example.com`, `http://127.0.0.1:8090`: no path, nothing that would have to be escaped.
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
