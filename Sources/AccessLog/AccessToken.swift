package import Webhooks

/// The token with which an auditor signs in: `daybook_` and 256 random bits, so that its plain SHA-256 reveals nothing.
package enum AccessToken {
    private static let prefix = "daybook_"

    package static func make() -> String { prefix + RandomText.make() }

    package static func hash(_ token: String) -> ContentHash { ContentHash(of: Array(token.utf8)) }
}
