/// The bytes of a JSON text, and what is a token in them (RFC 8259; its UTF-8, RFC 3629).
///
/// Each function takes the offset of a token's first byte, and gives the offset after its last. What they throw does
/// not say where in the document the fault is: they know of nothing but bytes.
///
/// It is apart from ``JSONScanner`` for speed, too: two words, which the compiler passes in registers, where it would
/// copy the scanner's whole state before each call.
struct JSONTokens {
    let base: UnsafeRawPointer
    let count: Int

    /// - Parameter bytes: not empty; they must outlive this.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
        self.base = base
        count = bytes.count
    }

    subscript(range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: base, count: count)[range])
    }

    /// The byte at an offset; 0, which is valid at no place where this is asked, at and after the end.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 {
        offset < count ? base.load(fromByteOffset: offset, as: UInt8.self) : 0
    }
}

extension JSONTokens {
    /// A value that is neither an object nor an array.
    @inline(__always)
    func scalar(_ start: Int) throws(PayloadFault) -> (end: Int, kind: JSONScanner.Kind) {
        switch byte(start) {
        case UInt8(ascii: "\""):
            let string = try string(start)
            return (string.end, string.isEscaped ? .escapedString : .string)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return (try number(start), .number)
        case UInt8(ascii: "t"): return (try literal("true", start), .boolean)
        case UInt8(ascii: "f"): return (try literal("false", start), .boolean)
        case UInt8(ascii: "n"): return (try literal("null", start), .null)
        default: throw unexpected(start, expected: "a value")
        }
    }

    /// From the opening quote.
    @inline(__always)
    func string(_ quote: Int) throws(PayloadFault) -> (end: Int, isEscaped: Bool) {
        let at = plainEnd(quote + 1)
        if byte(at) == UInt8(ascii: "\"") { return (at + 1, false) }
        return try restOfString(at)
    }

    /// A string from the first byte on that is not plain ASCII.
    @inline(never)
    private func restOfString(_ start: Int) throws(PayloadFault) -> (end: Int, isEscaped: Bool) {
        var at = start
        var isEscaped = false
        while at < count {
            switch byte(at) {
            case UInt8(ascii: "\""):
                return (at + 1, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                at = try escape(at)
            case 0x80...:
                // Text in another script is a run of such characters.
                repeat { at = try character(at) } while byte(at) >= 0x80
            case 0..<0x20:
                let control = PayloadFault.codePoint(Unicode.Scalar(byte(at)))
                throw PayloadFault(.syntax, at: at, "\(control) stands unescaped in a string")
            default:
                at += 1
            }
            at = plainEnd(at)
        }
        throw endsInString
    }

    /// The first byte from `start` on that is a quote, a backslash, a control character, or not ASCII; or the end.
    @inline(__always)
    private func plainEnd(_ start: Int) -> Int {
        var at = start
        // Eight bytes at a time. A subtraction sets a byte's top bit where the byte is less than what is taken away;
        // the borrow can spoil only bytes above the first that is found, and the first is all that is asked for.
        let ones: UInt64 = 0x0101_0101_0101_0101
        while at + 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let quote = (word ^ ones &* 0x22) &- ones
            let backslash = (word ^ ones &* 0x5C) &- ones
            let control = word &- ones &* 0x20
            let found = (quote | backslash | control | word) & (ones &* 0x80)
            if found != 0 { return at + found.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < count {
            let next = base.load(fromByteOffset: at, as: UInt8.self)
            if next == 0x22 || next == 0x5C || next < 0x20 || next >= 0x80 { break }
            at += 1
        }
        return at
    }

    /// From a backslash.
    private func escape(_ backslash: Int) throws(PayloadFault) -> Int {
        switch byte(backslash + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return backslash + 2
        case UInt8(ascii: "u"):
            let unit = try codeUnit(backslash)
            guard UTF16.isSurrogate(unit) else { return backslash + 6 }
            let low = backslash + 6
            guard UTF16.isLeadSurrogate(unit), byte(low) == UInt8(ascii: "\\"), byte(low + 1) == UInt8(ascii: "u"),
                UTF16.isTrailSurrogate(try codeUnit(low))
            else {
                let text = String(decoding: self[backslash..<low], as: UTF8.self)
                throw PayloadFault(.loneSurrogate, at: backslash, "\(text) is half of a surrogate pair")
            }
            return low + 6
        default:
            if backslash + 1 >= count { throw endsInString }
            throw PayloadFault(.syntax, at: backslash, "a backslash begins no escape that JSON knows")
        }
    }

    /// The four hex digits of `\u`.
    private func codeUnit(_ backslash: Int) throws(PayloadFault) -> UInt16 {
        var unit: UInt16 = 0
        for offset in backslash + 2..<backslash + 6 {
            guard let digit = Hex.valueOfEitherCase(byte(offset)) else {
                if offset >= count { throw endsInString }
                throw PayloadFault(.syntax, at: backslash, "\\u is not followed by four hex digits")
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// A character of more than one byte (RFC 3629, section 4).
    @inline(__always)
    private func character(_ start: Int) throws(PayloadFault) -> Int {
        let end = characterEnd(start)
        guard end > start else { throw notUTF8(start) }
        return end
    }

    /// The end of a well-formed character that begins with a byte of 0x80 or more; `start`, if there is none.
    @inline(__always)
    private func characterEnd(_ start: Int) -> Int {
        func isTail(_ offset: Int) -> Bool { byte(offset) & 0xC0 == 0x80 }
        let second = byte(start + 1)
        switch byte(start) {
        case 0xC2...0xDF: return isTail(start + 1) ? start + 2 : start
        case 0xE0: return 0xA0...0xBF ~= second && isTail(start + 2) ? start + 3 : start
        case 0xED: return 0x80...0x9F ~= second && isTail(start + 2) ? start + 3 : start
        case 0xE1...0xEF: return isTail(start + 1) && isTail(start + 2) ? start + 3 : start
        case 0xF0: return 0x90...0xBF ~= second && isTail(start + 2) && isTail(start + 3) ? start + 4 : start
        case 0xF4: return 0x80...0x8F ~= second && isTail(start + 2) && isTail(start + 3) ? start + 4 : start
        case 0xF1...0xF3:
            return isTail(start + 1) && isTail(start + 2) && isTail(start + 3) ? start + 4 : start
        default: return start
        }
    }

    /// RFC 8259, section 6; of any length and size.
    @inline(__always)
    private func number(_ start: Int) throws(PayloadFault) -> Int {
        var at = start
        if byte(at) == UInt8(ascii: "-") { at += 1 }
        // After a zero no digit can follow: it is then what comes after the number that is wrong.
        if byte(at) == UInt8(ascii: "0") { at += 1 } else { at = try digits(at) }
        if byte(at) == UInt8(ascii: ".") { at = try digits(at + 1) }
        if byte(at) | 0x20 == UInt8(ascii: "e") {
            at += 1
            if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at += 1 }
            at = try digits(at)
        }
        return at
    }

    /// At least one.
    @inline(__always)
    private func digits(_ start: Int) throws(PayloadFault) -> Int {
        var at = start
        while byte(at) &- UInt8(ascii: "0") < 10 { at += 1 }
        guard at > start else { throw unexpected(at, expected: "a digit") }
        return at
    }

    private func literal(_ literal: StaticString, _ start: Int) throws(PayloadFault) -> Int {
        let letters = UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        for (offset, letter) in letters.enumerated() where byte(start + offset) != letter {
            throw unexpected(start + offset, expected: "\(literal)")
        }
        return start + letters.count
    }
}

// The words for what is wrong: slow, and run at most once a text.
extension JSONTokens {
    /// Something else stands at an offset than JSON wants there.
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
        return PayloadFault(.syntax, at: offset, "\(found) stands where \(expected) was expected")
    }

    @inline(never)
    private func notUTF8(_ offset: Int) -> PayloadFault {
        PayloadFault(
            .notUTF8, at: offset,
            "the byte 0x\(Hex.encode([byte(offset)]).uppercased()) begins no valid UTF-8 character")
    }

    private var endsInString: PayloadFault {
        PayloadFault(.syntax, at: count, "the payload ends within a string")
    }
}
