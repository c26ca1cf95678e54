/// A secret as the operator writes it.
package struct Secret: Sendable {
    /// Where it is good; nil for everywhere.
    package let environment: Environment?
    private let text: String

    /// `production:<secret>` and `sandbox:<secret>` are good for that environment, any other text for both.
    package init(_ text: String) {
        for environment in Environment.allCases where text.hasPrefix("\(environment):") {
            self.environment = environment
            self.text = String(text.dropFirst(environment.rawValue.count + 1))
            return
        }
        environment = nil
        self.text = text
    }

    /// The key's bytes; nil where the text is no secret of the form that the rule wants.
    func key(for rule: SenderCheck.Rule) -> [UInt8]? {
        guard !text.isEmpty else { return nil }
        guard case .standardWebhooks = rule else { return Array(text.utf8) }
        // `whsec_` and base64; senders leave out the one or the other never, libraries accept both.
        let digits = text.hasPrefix("whsec_") ? text.dropFirst(6) : text[...]
        guard let key = [UInt8](base64: digits.utf8), !key.isEmpty else { return nil }
        return key
    }
}

/// A secret that cannot be one under the rule. It does not say the secret.
package struct UnusableSecret: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1, in the order given.
    package let number: Int
    package let rule: SenderCheck.Rule

    package var description: String {
        if case .standardWebhooks = rule {
            "secret \(number) is not of the form whsec_<base64>, as Standard Webhooks wants it"
        } else {
            "secret \(number) is empty"
        }
    }
}
