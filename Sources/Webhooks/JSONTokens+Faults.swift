// The descriptions of faults. This code is slow, and runs at most once for each text.

extension JSONTokens {
    /// Describes a byte that JSON does not allow at this offset.
    @inline(never)
    func unexpected(_ offset: Int, expected: String) -> PayloadFault {
        guard offset < count else {
            return PayloadFault(.syntax, at: count, "the payload ends where \(expected) was expected")
        }
        let found: String
        switch byte(offset) {
        case 0x80...:
            let end = characterEnd(offset)
            guard end > offset else { return notUTF8(offset) }
            found = PayloadFault.quoted(self[offset..<end])
        case 0x20..<0x7F: found = PayloadFault.quoted(self[offset..<offset + 1])
        case let control: found = PayloadFault.codePoint(Unicode.Scalar(control))
        }
        return PayloadFault(.syntax, at: offset, "\(found) where \(expected) was expected")
    }

    /// Describes a byte that does not begin a valid UTF-8 character.
    @inline(never)
    func notUTF8(_ offset: Int) -> PayloadFault {
        PayloadFault(
            .notUTF8, at: offset,
            "the byte 0x\(Hex.encode([byte(offset)]).uppercased()) begins no valid UTF-8 character")
    }

    /// The fault of a text that ends within a string.
    var endsInString: PayloadFault {
        PayloadFault(.syntax, at: count, "the payload ends within a string")
    }
}
