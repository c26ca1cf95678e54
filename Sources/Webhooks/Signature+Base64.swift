extension [UInt8] {
    /// Base64 (RFC 4648, section 4): whole groups of four, padded, nothing else; nil for any other form.
    ///
    /// Strict, so that one signature has one spelling: the unused bits of the last group must be zero (section 3.5).
    init?(base64 text: some Collection<UInt8>) {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.suffix(2).reduce(0) { $1 == UInt8(ascii: "=") ? $0 + 1 : 0 }
        self = []
        reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        for (index, character) in text.dropLast(padding).enumerated() {
            guard let value = Self.base64Value(character) else { return nil }
            group = group << 6 | value
            if index % 4 == 3 {
                append(contentsOf: [16, 8, 0].map { UInt8(truncatingIfNeeded: group >> $0) })
                group = 0
            }
        }
        switch padding {
        case 1:
            guard group & 0b11 == 0 else { return nil }
            append(contentsOf: [10, 2].map { UInt8(truncatingIfNeeded: group >> $0) })
        case 2:
            guard group & 0b1111 == 0 else { return nil }
            append(UInt8(truncatingIfNeeded: group >> 4))
        default: break
        }
    }

    private static func base64Value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// Hexadecimal in either case (RFC 4648, section 8); nil for any other form.
    init?(anyCaseHex text: some Collection<UInt8>) {
        let lower = text.map { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) ? $0 | 0x20 : $0 }
        guard let bytes = Hex.decode(lower) else { return nil }
        self = bytes
    }
}
