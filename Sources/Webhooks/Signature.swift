internal import Crypto

/// Who may send: the rule by which a delivery is told from anyone's POST, with the secrets it needs.
///
/// | rule | what the sender proves | by |
/// | --- | --- | --- |
/// | ``Rule/none`` | nothing | |
/// | ``Rule/path`` | that it knows the secret | the last part of the URL |
/// | ``Rule/header(name:)`` | that it knows the secret | a header that is the secret |
/// | ``Rule/hmac(_:)`` | that it knows the secret and sent these bytes | a header, an HMAC of the payload |
/// | ``Rule/standardWebhooks(tolerance:)`` | likewise, and when | three headers (standardwebhooks.com) |
///
/// Several secrets may be good at once, so that one can be changed without losing a delivery; and one may be good for
/// one environment only. Whether a proof is right, and under which secret, does not show in the time it takes: every
/// candidate is compared with every secret, each comparison over all bytes.
package struct SenderCheck: Sendable {
    package enum Rule: Hashable, Sendable {
        case none
        case path
        /// - Parameter name: of the header.
        case header(name: String)
        case hmac(HMACForm)
        /// - Parameter tolerance: how far the sender's clock and ours may differ, either way, in seconds.
        case standardWebhooks(tolerance: Int)
    }

    /// How a sender writes its HMAC.
    package struct HMACForm: Hashable, Sendable {
        package enum Algorithm: String, CaseIterable, Sendable { case sha256, sha512 }
        package enum Encoding: String, CaseIterable, Sendable { case hex, base64 }

        /// The header's name.
        package var header: String
        /// What stands before the signature in the header: `sha256=`, say. May be empty.
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

    /// Why a delivery is refused. None of it is told to the sender.
    package enum Refusal: String, CaseIterable, Sendable, Error {
        /// A proof is wanted, and there is none, or none of the form it should have.
        case missing
        case wrong
        /// The proof's time is too far from ours.
        case stale
    }

    /// What a request says of its sender.
    package struct Claim: Sendable {
        package let environment: Environment
        /// The last part of the path, with `%` undone; nil where the path ends with the environment.
        package let pathSecret: [UInt8]?
        /// The values of the headers that ``SenderCheck/headers`` names, by lower-case name, in received order.
        package let headers: [String: [String]]

        package init(environment: Environment, pathSecret: [UInt8]?, headers: [String: [String]]) {
            self.environment = environment
            self.pathSecret = pathSecret
            self.headers = headers
        }
    }

    package let rule: Rule
    private let secrets: [(environment: Environment?, key: SymmetricKey)]

    /// - Parameter secrets: as ``Secret/init(_:)`` reads them.
    /// - Throws: ``UnusableSecret`` where a secret is not of the form that the rule wants.
    package init(_ rule: Rule, secrets: [Secret]) throws(UnusableSecret) {
        self.rule = rule
        var keys: [(environment: Environment?, key: SymmetricKey)] = []
        for (index, secret) in secrets.enumerated() {
            guard let key = secret.key(for: rule) else { throw UnusableSecret(number: index + 1, rule: rule) }
            keys.append((secret.environment, SymmetricKey(data: key)))
        }
        self.secrets = keys
    }

    /// Whether the path has a last part for the secret.
    package var wantsPathSecret: Bool { rule == .path }

    /// The headers that the rule looks at, in lower case.
    package var headers: [String] {
        switch rule {
        case .none, .path: []
        case .header(let name): [name.lowercased()]
        case .hmac(let form): [form.header.lowercased()]
        case .standardWebhooks: StandardWebhooks.headers
        }
    }

    /// Whether no delivery to this environment can be admitted, for want of a secret.
    package func isClosed(_ environment: Environment) -> Bool {
        rule != .none && keys(environment).isEmpty
    }

    /// What can be said before the payload is there; nil where nothing speaks against it so far.
    ///
    /// - Parameter now: seconds since 1970.
    package func refusal(ofHead claim: Claim, now: Int) -> Refusal? {
        switch rule {
        case .none: return nil
        case .path: return check(claim.pathSecret, for: claim.environment)
        case .header(let name):
            return check(only(claim.headers[name.lowercased()]).map { Array($0.utf8) }, for: claim.environment)
        case .hmac(let form): return signature(form, claim) == nil ? .missing : nil
        case .standardWebhooks(let tolerance):
            guard let signed = StandardWebhooks(claim) else { return .missing }
            // In this form no sum can overflow: both are far from the ends of Int.
            return signed.time < now - tolerance || signed.time > now + tolerance ? .stale : nil
        }
    }

    /// What is to be said once the payload is whole; nil where the sender may send it.
    package func refusal(of payload: [UInt8], _ claim: Claim) -> Refusal? {
        switch rule {
        case .none, .path, .header: return nil
        case .hmac(let form):
            guard let signature = signature(form, claim) else { return .missing }
            return anyMatches([signature], keys(claim.environment)) { key in
                switch form.algorithm {
                case .sha256: Self.code(SHA256.self, key, [], payload)
                case .sha512: Self.code(SHA512.self, key, [], payload)
                }
            }
        case .standardWebhooks:
            guard let signed = StandardWebhooks(claim) else { return .missing }
            return anyMatches(signed.signatures, keys(claim.environment)) { key in
                Self.code(SHA256.self, key, signed.start, payload)
            }
        }
    }

    private func keys(_ environment: Environment) -> [SymmetricKey] {
        secrets.filter { $0.environment ?? environment == environment }.map(\.key)
    }

    /// A secret that is sent as it is. Compared by hash, so that not even its length shows.
    private func check(_ sent: [UInt8]?, for environment: Environment) -> Refusal? {
        guard let sent else { return .missing }
        return anyMatches([Self.hash(sent)], keys(environment)) { key in key.withUnsafeBytes { Self.hash(Array($0)) } }
    }

    /// Compares each candidate with what each key expects, all of them, whatever matched before.
    private func anyMatches(
        _ candidates: [[UInt8]], _ keys: [SymmetricKey], expected: (SymmetricKey) -> [UInt8]
    ) -> Refusal? {
        var matches: UInt8 = 0
        for key in keys {
            let expected = expected(key)
            for candidate in candidates { matches |= Self.equal(candidate, expected) }
        }
        return matches == 0 ? .wrong : nil
    }

    /// 1 where both are the same, else 0, in a time that their length alone decides.
    private static func equal(_ a: [UInt8], _ b: [UInt8]) -> UInt8 {
        guard a.count == b.count else { return 0 }
        var difference: UInt8 = 0
        for (one, other) in zip(a, b) { difference |= one ^ other }
        // The borrow of 0 - 1, instead of a branch on the difference.
        return UInt8(truncatingIfNeeded: (UInt16(difference) &- 1) >> 15)
    }

    private static func hash(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    private static func code<Function: HashFunction>(
        _ function: Function.Type, _ key: SymmetricKey, _ start: [UInt8], _ payload: [UInt8]
    ) -> [UInt8] {
        var code = HMAC<Function>(key: key)
        code.update(data: start)
        code.update(data: payload)
        return Array(code.finalize())
    }

    private func signature(_ form: HMACForm, _ claim: Claim) -> [UInt8]? {
        guard let value = only(claim.headers[form.header.lowercased()]), value.hasPrefix(form.prefix) else {
            return nil
        }
        let digits = value.utf8.dropFirst(form.prefix.utf8.count)
        return form.encoding == .hex ? [UInt8](anyCaseHex: digits) : [UInt8](base64: digits)
    }
}

/// A header that stands twice says nothing for certain.
private func only(_ values: [String]?) -> String? {
    values?.count == 1 ? values?.first : nil
}

/// What Standard Webhooks signs, and how (specification 1.0, "Webhook headers" and "Signature scheme").
struct StandardWebhooks {
    static let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"]

    /// `id.timestamp.`, which the payload follows.
    let start: [UInt8]
    /// Seconds since 1970.
    let time: Int
    /// Those of version `v1`: the list may hold others.
    let signatures: [[UInt8]]

    init?(_ claim: SenderCheck.Claim) {
        let values = Self.headers.map { only(claim.headers[$0]) }
        guard let id = values[0], let timestamp = values[1], let list = values[2], !id.isEmpty,
            // 15 digits are 30 million years.
            timestamp.utf8.count <= 15,
            timestamp.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let time = Int(timestamp)
        else { return nil }
        start = Array("\(id).\(timestamp).".utf8)
        self.time = time
        signatures = list.utf8.split(separator: UInt8(ascii: " "))
            .filter { $0.starts(with: "v1,".utf8) }
            .compactMap { [UInt8](base64: $0.dropFirst(3)) }
        guard !signatures.isEmpty else { return nil }
    }
}
