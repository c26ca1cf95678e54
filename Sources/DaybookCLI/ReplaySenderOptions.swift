internal import ArgumentParser
internal import Configuring
internal import Foundation
internal import Replay
internal import Webhooks

/// How the requests of a replay prove where they come from. The options are those of daybook-receiver, so that a request that
/// one writes is one that the other accepts. They are not read from the settings, since those may be for another target.
struct ReplaySenderOptions: ParsableArguments {
    enum Method: String, CaseIterable, ExpressibleByArgument {
        case header, hmac
        case standardWebhooks = "standard-webhooks"
    }

    @Option(help: "How requests prove where they come from. (default: not at all)")
    var auth: Method?

    @Option(help: "With --auth: a file with the secret. If it has several, the first is used.")
    var secretFile: String?

    @Option(help: "With --auth header: the header that contains the secret.")
    var secretHeader: String?

    @Option(help: "With --auth hmac: the header that contains the signature.")
    var signatureHeader: String?

    @Option(help: "With --auth hmac: the text before the signature, for example sha256=. (default: none)")
    var signaturePrefix: String?

    @Option(help: "With --auth hmac: the encoding of the signature. (default: hex)")
    var signatureEncoding: SenderAuthenticator.HMACForm.Encoding?

    @Option(help: "With --auth hmac: the hash function. (default: sha256)")
    var signatureAlgorithm: SenderAuthenticator.HMACForm.Algorithm?

    var isUsed: Bool { auth != nil }

    func validate() throws {
        if (auth == nil) != (secretFile == nil) {
            throw ValidationError("--auth and --secret-file go together: give both, or neither")
        }
        if (auth == .header) != (secretHeader != nil) {
            throw ValidationError("--auth header and --secret-header go together")
        }
        if (auth == .hmac) != (signatureHeader != nil) {
            throw ValidationError("--auth hmac and --signature-header go together")
        }
        for name in [secretHeader, signatureHeader].compactMap(\.self) where !HeaderName.isValid(name) {
            throw ValidationError("\(VisibleText.quoted(name)) cannot be the name of a header")
        }
        if auth != .hmac, signaturePrefix != nil || signatureEncoding != nil || signatureAlgorithm != nil {
            throw ValidationError(
                "--signature-prefix, --signature-encoding, and --signature-algorithm need --auth hmac")
        }
    }

    /// - Throws: ``Failure`` with 78 if the file cannot be read, or its secret does not have the form that the method needs.
    func authenticator() throws -> SenderAuthenticator? {
        guard let auth, let secretFile else { return nil }
        let secrets = try readSecrets(secretFile).map { Secret($0) }
        do throws(UnusableSecret) {
            return try SenderAuthenticator(rule(auth), secrets: secrets)
        } catch {
            throw Failure(.configuration, "\(secretFile): \(error)")
        }
    }

    private func rule(_ method: Method) -> SenderAuthenticator.Rule {
        switch method {
        case .header: .header(name: secretHeader ?? "")
        case .hmac:
            .hmac(
                SenderAuthenticator.HMACForm(
                    header: signatureHeader ?? "", prefix: signaturePrefix ?? "", encoding: signatureEncoding ?? .hex,
                    algorithm: signatureAlgorithm ?? .sha256))
        // The tolerance is the receiver's.
        case .standardWebhooks: .standardWebhooks(tolerance: 0)
        }
    }

    /// Reads a file with a header on each line, `Name: value`.
    ///
    /// - Throws: ``Failure`` with 78 if it cannot be read, or a line is not a header.
    static func headers(_ path: String) throws -> [(name: String, value: String)] {
        try readSecrets(path).enumerated().map { number, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, HeaderName.isValid(String(parts[0])) else {
                // The line may be a secret, so it is not shown.
                throw Failure(.configuration, "\(path): header \(number + 1) is not of the form Name: value")
            }
            guard !HTTPTarget.notRepeated.contains(parts[0].lowercased()) else {
                throw Failure(.configuration, "\(path): the header \(parts[0]) is set by Daybook")
            }
            return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
        }
    }
}

extension SenderAuthenticator.HMACForm.Encoding: ExpressibleByArgument {}

extension SenderAuthenticator.HMACForm.Algorithm: ExpressibleByArgument {}
