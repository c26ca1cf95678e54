internal import NIOHTTP1
internal import Webhooks

/// The meaning of a path. There are so few paths that a router would be longer than this type.
enum Route: Equatable {
    /// - Parameter secret: The last part of the path, percent-decoded, or `nil` if there is none.
    case webhooks(Environment, secret: [UInt8]?)
    case health
    case ready
    case metrics
    case unknown

    /// - Parameter target: The target of the request line: a path with or without a query, which is ignored, or
    ///   the same with scheme and authority before it, as a proxy may be sent (RFC 9112, section 3.2.2).
    init(target: String) {
        var path = target.prefix { $0 != "?" && $0 != "#" }
        if !path.hasPrefix("/"), let scheme = path.firstRange(of: "://") {
            path = path[scheme.upperBound...]
            path = path[(path.firstIndex(of: "/") ?? path.endIndex)...]
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        switch (parts.first, parts.count) {
        case ("health", 1): self = .health
        case ("ready", 1): self = .ready
        case ("metrics", 1): self = .metrics
        case ("webhooks", 2...3):
            guard let environment = Environment(rawValue: String(parts[parts.startIndex + 1])) else {
                self = .unknown
                return
            }
            self = .webhooks(environment, secret: parts.count == 3 ? parts.last.map(Self.decoded) : nil)
        default: self = .unknown
        }
    }

    /// The methods that the path supports, as `Allow` lists them.
    var methods: [HTTPMethod] {
        switch self {
        case .webhooks: [.POST]
        case .health, .ready, .metrics: [.GET, .HEAD]
        case .unknown: []
        }
    }

    /// Percent-decodes a text (RFC 3986, section 2.1). A `%` without two hex digits is kept.
    private static func decoded(_ part: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2, rest.first != UInt8(ascii: "+"), rest.first != UInt8(ascii: "-")
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
