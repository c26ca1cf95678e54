internal import Crypto
internal import FoundationEssentials

extension SenderAuthenticator {
    /// Returns the headers by which a sender proves a delivery to a receiver with the same rule and secrets.
    ///
    /// The first secret for the environment is used. The rules ``Rule/none`` and ``Rule/path`` need no headers.
    ///
    /// - Parameters:
    ///   - id: The sender's id of the event, which Standard Webhooks sign.
    ///   - now: The time of the attempt, in seconds since 1970.
    package func proof(
        of payload: [UInt8], id: String, in environment: Environment, at now: Int
    ) -> [(name: String, value: String)] {
        guard let key = keys(environment).first else { return [] }
        switch rule {
        case .none, .path: return []
        case .header(let name):
            return [(name, key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })]
        case .hmac(let form):
            let code: [UInt8] =
                switch form.algorithm {
                case .sha256: Array(Self.code(SHA256.self, key, of: [payload]))
                case .sha512: Array(Self.code(SHA512.self, key, of: [payload]))
                }
            let text = form.encoding == .hex ? Hex.encode(code) : Data(code).base64EncodedString()
            return [(form.header, form.prefix + text)]
        case .standardWebhooks:
            let code = Self.code(SHA256.self, key, of: [Array("\(id).\(now).".utf8), payload])
            return [
                ("webhook-id", id), ("webhook-timestamp", "\(now)"),
                ("webhook-signature", "v1,\(Data(code).base64EncodedString())"),
            ]
        }
    }
}
