internal import Configuring
internal import NIOHTTP1
internal import Webhooks

/// The allow-list of request headers that are stored beside a payload.
///
/// They are stored as one JSON object of lower-case names to values, in the order in which the names arrived. The
/// values of a repeated name are joined by `, ` (RFC 9110, section 5.3). Bytes that are not valid UTF-8 are replaced
/// by U+FFFD: headers are text for people, and only the payload is stored byte for byte.
struct HeaderAllowList: Sendable {
    /// The names, in lower case.
    let names: Set<String>

    init(_ names: [String]) { self.names = Set(names.map { $0.lowercased() }) }

    /// Returns the JSON object, or `nil` if the request has none of the headers.
    func record(of headers: HTTPHeaders) -> [UInt8]? {
        guard !names.isEmpty else { return nil }
        var kept: [(name: String, value: String)] = []
        for (name, value) in headers {
            let (name, value) = (name.lowercased(), value.withoutTrailingSpace)
            guard names.contains(name) else { continue }
            if let index = kept.firstIndex(where: { $0.name == name }) {
                kept[index].value += ", \(value)"
            } else {
                kept.append((name, value))
            }
        }
        guard !kept.isEmpty else { return nil }
        let members = kept.map { "\(Self.quoted($0.name)):\(Self.quoted($0.value))" }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    /// Returns a JSON string (RFC 8259, section 7).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension HeaderAllowList {
    /// The headers of Standard Webhooks and of replays, the signature header, the id header, and any others that were asked for.
    /// A header that is itself a secret is never stored.
    init(_ options: PlaceOptions, _ settings: Settings, authenticator: SenderAuthenticator) throws(Failure) {
        var names = ["webhook-id", "webhook-timestamp", "webhook-signature", ReplayHeader.run, ReplayHeader.event]
        var secret: String?
        if case .header(let name) = authenticator.rule {
            secret = name.lowercased()
        } else {
            names += authenticator.headers
        }
        let id = try settings.value(.idHeader, flag: options.idHeader)
        let asked = try (id.map { [$0] } ?? []) + settings.values(.keepHeader, flag: options.keepHeader)
        for name in asked where name.lowercased() == secret {
            throw Failure(.configuration, "\(name) is the header with the secret, and is never kept")
        }
        names += asked
        for name in names where !HeaderName.isValid(name) {
            throw Failure(.configuration, "\"\(name)\" cannot be a header's name")
        }
        self.init(names)
    }
}
