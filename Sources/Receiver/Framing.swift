internal import NIOHTTP1

/// How a request's body ends. Whatever could be read in two ways is none of these: two programs that read one
/// differently can be made to see different requests in the same bytes.
///
/// The parser refuses much by itself. Here is what it lets pass.
enum Framing: Equatable {
    /// There is no body.
    case none
    /// In bytes.
    case length(Int)
    case chunked

    /// nil where the head is not as RFC 9112 has it.
    init?(_ head: HTTPRequestHead) {
        let lengths = head.headers.values(of: "content-length")
        let codings = head.headers.values(of: "transfer-encoding")
        // Section 3.2: exactly one Host, in HTTP/1.1.
        let hosts = head.headers["host"].count
        guard hosts == 1 || hosts == 0 && head.version == .http1_0 else { return nil }
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
    /// The values of a header, in received order.
    func values(of name: String) -> [String] { self[name].map(\.withoutTrailingSpace) }
}

extension String {
    /// The parser leaves the white space after a header's value on it, which is no part of it (RFC 9112, section 5).
    var withoutTrailingSpace: String {
        guard let last, last == " " || last == "\t" else { return self }
        return String(reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
