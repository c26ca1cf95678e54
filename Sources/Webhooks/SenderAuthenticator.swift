internal import Crypto

/// Decides whether a delivery comes from a known sender, by one rule and its secrets.
///
/// | rule | the sender proves | with |
/// | --- | --- | --- |
/// | ``Rule/none`` | nothing | |
/// | ``Rule/path`` | that it knows the secret | the last part of the URL |
/// | ``Rule/header(name:)`` | that it knows the secret | a header that is the secret |
/// | ``Rule/hmac(_:)`` | that it knows the secret and sent these bytes | a header with an HMAC of the payload |
/// | ``Rule/standardWebhooks(tolerance:)`` | the same, and when it sent them | three headers (standardwebhooks.com) |
///
/// Several secrets may be valid at once, which allows rotation without losing a delivery, and a secret may be valid for one
/// environment only. The time a check takes reveals neither whether a proof is right nor which secret it matches: every
/// candidate is compared with every secret, and each comparison takes constant time.
package struct SenderAuthenticator: Sendable {
    package enum Rule: Hashable, Sendable {
        case none
        case path
        /// - Parameter name: The name of the header.
        case header(name: String)
        case hmac(HMACForm)
        /// - Parameter tolerance: How far the sender's clock may be ahead or behind, in seconds.
        case standardWebhooks(tolerance: Int)
    }

    /// The form in which a sender writes its HMAC.
    package struct HMACForm: Hashable, Sendable {
        package enum Algorithm: String, CaseIterable, Sendable { case sha256, sha512 }
        package enum Encoding: String, CaseIterable, Sendable { case hex, base64 }

        /// The name of the header.
        package var header: String
        /// The text before the signature in the header, for example `sha256=`. May be empty.
        package var prefix: String
        package var encoding: Encoding
        package var algorithm: Algorithm

        package init(header: String, prefix: String, encoding: Encoding, algorithm: Algorithm) {
            self.header = header
            self.prefix = prefix
            self.encoding = encoding
            self.algorithm = algorithm
        }
    }

    /// Why a delivery is refused. The sender does not learn it.
    package enum Rejection: String, CaseIterable, Sendable, Error {
        /// The proof is missing or malformed.
        case missing
        case wrong
        /// The proof's timestamp is too far from the receiver's clock.
        case stale
    }

    /// What a request claims about its sender.
    package struct Claim: Sendable {
        package let environment: Environment
        /// The last part of the path, percent-decoded, or `nil` if the path ends with the environment.
        package let pathSecret: [UInt8]?
        /// The values of the headers that ``SenderAuthenticator/headers`` lists, by lower-case name, in the order received.
        package let headers: [String: [String]]

        package init(environment: Environment, pathSecret: [UInt8]?, headers: [String: [String]]) {
            self.environment = environment
            self.pathSecret = pathSecret
            self.headers = headers
        }
    }

    package let rule: Rule
    private let secrets: [(environment: Environment?, key: SymmetricKey)]

    /// - Throws: ``UnusableSecret`` if a secret does not have the form that the rule requires.
    package init(_ rule: Rule, secrets: [Secret]) throws(UnusableSecret) {
        self.rule = rule
        var keys: [(environment: Environment?, key: SymmetricKey)] = []
        for (index, secret) in secrets.enumerated() {
            guard let key = secret.key(for: rule) else { throw UnusableSecret(number: index + 1, rule: rule) }
            keys.append((secret.environment, SymmetricKey(data: key)))
        }
        self.secrets = keys
    }

    /// Whether the secret is the last part of the path.
    package var wantsPathSecret: Bool { rule == .path }

    /// The names of the headers that the rule needs, in lower case.
    package var headers: [String] {
        switch rule {
        case .none, .path: []
        case .header(let name): [name.lowercased()]
        case .hmac(let form): [form.header.lowercased()]
        case .standardWebhooks: StandardWebhooks.headers
        }
    }

    /// Whether every delivery to this environment is refused, since there is no secret for it.
    package func isClosed(_ environment: Environment) -> Bool {
        rule != .none && keys(environment).isEmpty
    }

    /// Checks what can be checked before the payload has arrived. Returns `nil` if nothing is wrong so far.
    ///
    /// - Parameter now: The current time, in seconds since 1970.
    package func rejection(ofHead claim: Claim, now: Int) -> Rejection? {
        switch rule {
        case .none: return nil
        case .path: return check(claim.pathSecret, for: claim.environment)
        case .header(let name):
            return check(onlyValue(claim.headers[name.lowercased()]).map { Array($0.utf8) }, for: claim.environment)
        case .hmac(let form): return signature(form, claim) == nil ? .missing : nil
        case .standardWebhooks(let tolerance):
            guard let signed = StandardWebhooks(claim) else { return .missing }
            // No sum can overflow here: the times are far from the ends of Int.
            return signed.time < now - tolerance || signed.time > now + tolerance ? .stale : nil
        }
    }

    /// Checks a delivery once its payload is complete. Returns `nil` if it is authentic.
    package func rejection(of payload: [UInt8], _ claim: Claim) -> Rejection? {
        switch rule {
        case .none, .path, .header: return nil
        case .hmac(let form):
            guard let signature = signature(form, claim) else { return .missing }
            switch form.algorithm {
            case .sha256:
                return check([signature], for: claim.environment) { Self.code(SHA256.self, $0, of: [payload]) }
            case .sha512:
                return check([signature], for: claim.environment) { Self.code(SHA512.self, $0, of: [payload]) }
            }
        case .standardWebhooks:
            guard let signed = StandardWebhooks(claim) else { return .missing }
            return check(signed.signatures, for: claim.environment) {
                Self.code(SHA256.self, $0, of: [signed.prefix, payload])
            }
        }
    }

    func keys(_ environment: Environment) -> [SymmetricKey] {
        secrets.filter { $0.environment ?? environment == environment }.map(\.key)
    }

    /// Checks a secret that is sent as it is. The comparison is of hashes, which hides even the length of the secret.
    private func check(_ sent: [UInt8]?, for environment: Environment) -> Rejection? {
        guard let sent else { return .missing }
        var isRight = false
        for key in keys(environment) {
            // swift-crypto compares digests in constant time.
            let isEqual = key.withUnsafeBytes { SHA256.hash(data: $0) == SHA256.hash(data: sent) }
            isRight = isEqual || isRight
        }
        return isRight ? nil : .wrong
    }

    /// Compares each signature with the code that each key gives: all of them, whatever matched before.
    private func check<Function: HashFunction>(
        _ signatures: [[UInt8]], for environment: Environment,
        code: (SymmetricKey) -> HashedAuthenticationCode<Function>
    ) -> Rejection? {
        var isRight = false
        for key in keys(environment) {
            let code = code(key)
            for signature in signatures {
                // swift-crypto compares authentication codes in constant time.
                let isEqual = code == signature
                isRight = isEqual || isRight
            }
        }
        return isRight ? nil : .wrong
    }

    static func code<Function: HashFunction>(
        _ function: Function.Type, _ key: SymmetricKey, of parts: [[UInt8]]
    ) -> HashedAuthenticationCode<Function> {
        var code = HMAC<Function>(key: key)
        for part in parts { code.update(data: part) }
        return code.finalize()
    }

    private func signature(_ form: HMACForm, _ claim: Claim) -> [UInt8]? {
        guard let value = onlyValue(claim.headers[form.header.lowercased()]), value.hasPrefix(form.prefix) else {
            return nil
        }
        let digits = value.utf8.dropFirst(form.prefix.utf8.count)
        return form.encoding == .hex ? [UInt8](anyCaseHex: digits) : [UInt8](base64: digits)
    }
}
