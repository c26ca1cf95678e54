/// A secret does not have the form that the rule requires. The description does not contain the secret.
package struct UnusableSecret: Error, Hashable, Sendable, CustomStringConvertible {
    /// The position of the secret in the order given, from 1.
    package let number: Int
    package let rule: SenderAuthenticator.Rule

    package var description: String {
        if case .standardWebhooks = rule {
            "secret \(number) is not a Standard Webhooks secret: whsec_ followed by base64"
        } else {
            "secret \(number) is empty"
        }
    }
}
