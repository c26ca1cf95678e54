/// The syntax of the `Host` header field (RFC 9110, section 7.2).
package enum HostHeader {
    /// Whether a value is a host and an optional port: `uri-host [ ":" port ]` (RFC 3986, section 3.2).
    ///
    /// The host must not be empty, since an `http` URI with an empty host is invalid (RFC 9110, section 4.2.1).
    package static func isValid(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        let host: ArraySlice<UInt8>
        let rest: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            guard isIPLiteral(bytes[1..<end]) else { return false }
            (host, rest) = (bytes[...end], bytes[(end + 1)...])
        } else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            guard isRegisteredName(bytes[..<end]) else { return false }
            (host, rest) = (bytes[..<end], bytes[end...])
        }
        guard !host.isEmpty else { return false }
        // The port may be empty, and is at most 65535.
        guard !rest.isEmpty else { return true }
        guard rest.first == UInt8(ascii: ":"), rest.dropFirst().allSatisfy(isDigit) else { return false }
        return rest.count == 1 || UInt16(String(decoding: rest.dropFirst(), as: UTF8.self)) != nil
    }

    /// `IPv6address` or `IPvFuture`, by their characters.
    private static func isIPLiteral(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        if first | 0x20 == UInt8(ascii: "v") {
            let parts = text.dropFirst().split(
                separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return false }
            return parts[0].allSatisfy(isHexDigit)
                && parts[1].allSatisfy { isUnreserved($0) || isSubDelimiter($0) || $0 == UInt8(ascii: ":") }
        }
        return text.contains(UInt8(ascii: ":"))
            && text.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
    }

    /// `reg-name`, which includes `IPv4address`.
    private static func isRegisteredName(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.prefix(2).count == 2, rest.prefix(2).allSatisfy(isHexDigit) else { return false }
                rest = rest.dropFirst(2)
            } else if !isUnreserved(byte), !isSubDelimiter(byte) {
                return false
            }
        }
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || "-._~".utf8.contains(byte)
    }

    private static func isSubDelimiter(_ byte: UInt8) -> Bool { "!$&'()*+,;=".utf8.contains(byte) }
}
