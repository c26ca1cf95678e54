extension [UInt8] {
    /// Decodes base64 (RFC 4648, section 4): padded groups of four characters. Returns `nil` for any other form.
    ///
    /// Decoding is strict, so each signature has one spelling: the unused bits of the last group must be zero (section 3.5).
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

    /// Decodes base64 as libraries of Standard Webhooks accept it in a secret: in either alphabet (RFC 4648, sections 4 and 5),
    /// with or without padding. Returns `nil` for any other form.
    init?(lenientBase64 text: some StringProtocol) {
        var digits = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        if !digits.count.isMultiple(of: 4) {
            // Padding is complete or absent.
            guard digits.last != UInt8(ascii: "="), digits.count % 4 != 1 else { return nil }
            digits += Array(repeating: UInt8(ascii: "="), count: 4 - digits.count % 4)
        }
        self.init(base64: digits)
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

    /// Decodes hexadecimal digits in either case (RFC 4648, section 8). Returns `nil` for any other form.
    init?(anyCaseHex text: some Collection<UInt8>) {
        let lower = text.map { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) ? $0 | 0x20 : $0 }
        guard let bytes = Hex.decode(lower) else { return nil }
        self = bytes
    }
}
