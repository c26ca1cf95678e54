package import Archive
internal import Configuring
package import Webhooks

/// What an auditor may see, until when, and the hash of the token that identifies them.
package struct Grant: Codable, Equatable, Sendable {
    /// The name by which the operator and the log refer to the auditor.
    package var name: String
    /// The hash of the token. The token itself is not stored anywhere.
    package var tokenHash: ContentHash
    package var scope: Scope
    /// The first moment at which the grant is no longer valid.
    package var expires: Timestamp

    package init(name: String, tokenHash: ContentHash, scope: Scope, expires: Timestamp) {
        self.name = name
        self.tokenHash = tokenHash
        self.scope = scope
        self.expires = expires
    }

    enum CodingKeys: String, CodingKey {
        case name, scope, expires
        case tokenHash = "token_sha256"
    }

    /// A name is one line of visible text, 80 characters at most.
    package static func isName(_ text: String) -> Bool {
        (1...80).contains(text.count) && text == VisibleText.line(text) && text.first != " " && text.last != " "
    }
}

extension Business: Codable {
    /// A business's name, or null for unassigned events.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self.init(container.decodeNil() ? nil : try container.decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let name { try container.encode(name) } else { try container.encodeNil() }
    }
}
