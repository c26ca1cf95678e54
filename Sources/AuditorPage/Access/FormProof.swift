internal import Crypto
internal import Webhooks

/// Proof that a form was filled in on a page of this server: a value that only that page and the browser's cookie
/// provide.
///
/// This is OWASP's "signed double-submit cookie": a page of another site can make the browser send the cookie, but
/// cannot read it. With `SameSite=Strict` it cannot even do that; neither measure relies on the other.
struct FormProof: Sendable {
    private let key = SymmetricKey(size: .bits256)

    /// Returns the value to put into a form that is sent with this cookie.
    func proof(for cookie: String) -> String {
        Hex.encode(HMAC<SHA256>.authenticationCode(for: Array(cookie.utf8), using: key))
    }

    func isProof(_ text: String, for cookie: String) -> Bool {
        guard let bytes = Hex.decode(text.utf8) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Array(cookie.utf8), using: key)
    }
}
