internal import Configuring
internal import NIOHTTP1

/// How a request's body ends.
///
/// A request that can be read in two ways has no framing: if two programs read it differently, they can be made to see
/// different requests in the same bytes. The parser refuses many of these itself; this checks what it lets pass.
enum Framing: Equatable {
    /// The request has no body.
    case none
    /// The body has this many bytes.
    case length(Int)
    case chunked

    /// Returns `nil` if the head does not conform to RFC 9112.
    init?(_ head: HTTPRequestHead) {
        let lengths = head.headers.values(of: "content-length")
        let codings = head.headers.values(of: "transfer-encoding")
        // Section 3.2: HTTP/1.1 requires exactly one Host, and any Host must be a valid authority.
        let hosts = head.headers.values(of: "host")
        guard hosts.count == 1 || hosts.isEmpty && head.version == .http1_0, hosts.allSatisfy(HostHeader.isValid)
        else { return nil }
        switch (lengths.count, codings.count) {
        case (0, 0): self = .none
        case (1, 0):
            guard let length = lengths.first, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let count = Int(length)
            else { return nil }
            self = count == 0 ? .none : .length(count)
        // Section 6.1: chunked last and once; no other coding is understood here, and none is in HTTP/1.0.
        case (0, 1):
            guard codings.first?.lowercased() == "chunked", head.version != .http1_0 else { return nil }
            self = .chunked
        default: return nil
        }
    }
}

extension HTTPHeaders {
    /// Returns the values of a header, in the order received.
    func values(of name: String) -> [String] { self[name].map(\.withoutTrailingSpace) }
}

extension String {
    /// The text without the white space at its end. The parser leaves it on a header's value, of which it is not a part
    /// (RFC 9112, section 5).
    var withoutTrailingSpace: String {
        guard let last, last == " " || last == "\t" else { return self }
        return String(reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
