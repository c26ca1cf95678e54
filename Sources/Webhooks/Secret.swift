/// A secret as the operator writes it.
package struct Secret: Sendable {
    /// The only environment that the secret is valid for, or `nil` if it is valid for both.
    package let environment: Environment?
    private let text: String

    /// Reads `production:<secret>` and `sandbox:<secret>` as secrets for that environment, and any other text as one for both.
    package init(_ text: String) {
        for environment in Environment.allCases where text.hasPrefix("\(environment):") {
            self.environment = environment
            self.text = String(text.dropFirst(environment.rawValue.count + 1))
            return
        }
        environment = nil
        self.text = text
    }

    /// Returns the bytes of the key, or `nil` if the text does not have the form that the rule requires.
    func key(for rule: SenderAuthenticator.Rule) -> [UInt8]? {
        guard !text.isEmpty else { return nil }
        guard case .standardWebhooks = rule else { return Array(text.utf8) }
        let digits = text.hasPrefix("whsec_") ? text.dropFirst(6) : text[...]
        guard let key = [UInt8](lenientBase64: digits), !key.isEmpty else { return nil }
        return key
    }
}
