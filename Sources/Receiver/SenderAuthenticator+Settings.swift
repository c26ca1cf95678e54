internal import ArgumentParser
internal import Configuring
internal import Webhooks

typealias SignatureEncoding = SenderAuthenticator.HMACForm.Encoding

typealias SignatureAlgorithm = SenderAuthenticator.HMACForm.Algorithm

extension SignatureEncoding: ExpressibleByArgument {}

extension SignatureAlgorithm: ExpressibleByArgument {}

extension SenderAuthenticator {
    /// - Throws: ``Failure`` with 78 if a part is missing, or would have no effect: with a secret that is never
    ///   compared, the owner would believe the endpoint to be protected.
    init(_ options: SenderOptions, _ settings: Settings) throws(Failure) {
        let method = try settings.value(.auth, flag: options.auth, default: .none)
        var secrets = try settings.values(.secret, flag: options.secret)
        if let file = try settings.value(.secretFile, flag: options.secretFile) {
            secrets += try readSecrets(file)
        }
        let rule = try Self.rule(for: method, options, settings)
        if method == .none, !secrets.isEmpty {
            throw Failure(.configuration, "there is a secret, but auth is none; say how it is sent, as in auth path")
        }
        if method != .none, secrets.isEmpty {
            throw Failure(.configuration, "auth is \(method.rawValue), but there is no secret; give a secret-file")
        }
        do throws(UnusableSecret) {
            try self.init(rule, secrets: secrets.map { Secret($0) })
        } catch {
            throw Failure(.configuration, "\(error)")
        }
    }

    private static func rule(
        for method: AuthenticationMethod, _ options: SenderOptions, _ settings: Settings
    ) throws(Failure) -> Rule {
        let secretHeader = try settings.value(.secretHeader, flag: options.secretHeader)
        let signatureHeader = try settings.value(.signatureHeader, flag: options.signatureHeader)
        if secretHeader != nil, method != .header {
            throw Failure(.configuration, "secret-header goes with auth header, not with \(method.rawValue)")
        }
        if signatureHeader != nil, method != .hmac {
            throw Failure(.configuration, "signature-header goes with auth hmac, not with \(method.rawValue)")
        }
        switch method {
        case .none: return .none
        case .path: return .path
        case .header:
            guard let secretHeader else {
                throw Failure(.configuration, "auth header needs secret-header, the header's name")
            }
            return .header(name: secretHeader)
        case .hmac:
            guard let signatureHeader else {
                throw Failure(
                    .configuration,
                    "auth hmac needs signature-header, the name of the header that contains the signature")
            }
            return .hmac(
                HMACForm(
                    header: signatureHeader,
                    prefix: try settings.value(.signaturePrefix, flag: options.signaturePrefix, default: ""),
                    encoding: try settings.value(.signatureEncoding, flag: options.signatureEncoding, default: .hex),
                    algorithm: try settings.value(
                        .signatureAlgorithm, flag: options.signatureAlgorithm, default: .sha256)))
        case .standardWebhooks:
            let tolerance = try settings.value(
                .timestampTolerance, flag: options.timestampTolerance, default: .seconds(300))
            return .standardWebhooks(tolerance: tolerance.milliseconds / 1000)
        }
    }
}
