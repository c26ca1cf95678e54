/// The bytes of a JSON text, and functions that read one token each (RFC 8259; for UTF-8, RFC 3629).
///
/// Each function takes the offset of the first byte of a token, and returns the offset after its last byte. The errors
/// do not include the location in the document, which only ``JSONScanner`` knows.
///
/// The type is separate from ``JSONScanner`` also for speed: the compiler passes its two words in registers, but would
/// copy the scanner's whole state before each call.
struct JSONTokens {
    let base: UnsafeRawPointer
    let count: Int

    /// Returns `nil` if there are no bytes. The bytes must outlive this value.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
        self.base = base
        count = bytes.count
    }

    subscript(range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: base, count: count)[range])
    }

    /// Returns the byte at an offset, or 0 at and after the end. A zero byte is not valid anywhere this is called.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 {
        offset < count ? base.load(fromByteOffset: offset, as: UInt8.self) : 0
    }
}

extension JSONTokens {
    /// Reads a value that is neither an object nor an array.
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

    /// Reads a string from its opening quote on.
    @inline(__always)
    func string(_ quote: Int) throws(PayloadFault) -> (end: Int, isEscaped: Bool) {
        let at = plainEnd(quote + 1)
        if byte(at) == UInt8(ascii: "\"") { return (at + 1, false) }
        return try restOfString(at)
    }

    /// Reads the rest of a string, from the first byte on that is not plain ASCII.
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
                // In a non-Latin script, such characters follow one another.
                repeat { at = try character(at) } while byte(at) >= 0x80
            case 0..<0x20:
                let control = PayloadFault.codePoint(Unicode.Scalar(byte(at)))
                throw PayloadFault(.syntax, at: at, "\(control) is not escaped in a string")
            default:
                at += 1
            }
            at = plainEnd(at)
        }
        throw endsInString
    }

    /// Returns the offset of the first byte from `start` on that is a quote, a backslash, a control character, or not
    /// ASCII. Returns the end if there is none.
    @inline(__always)
    private func plainEnd(_ start: Int) -> Int {
        var at = start
        // Eight bytes at a time. A subtraction sets the top bit of a byte if the byte is less than the subtrahend. The
        // borrow can corrupt only bytes after the first match, and only the first match is used.
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

    /// Reads an escape from its backslash on.
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

    /// Returns the code unit of a `\u` escape.
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

    /// Reads a character of more than one byte (RFC 3629, section 4).
    @inline(__always)
    private func character(_ start: Int) throws(PayloadFault) -> Int {
        let end = characterEnd(start)
        guard end > start else { throw notUTF8(start) }
        return end
    }

    /// Returns the end of the character at `start`, whose first byte is 0x80 or more, or `start` if it is not
    /// well-formed.
    @inline(__always)
    func characterEnd(_ start: Int) -> Int {
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

    /// Reads a number of any length and magnitude (RFC 8259, section 6).
    @inline(__always)
    private func number(_ start: Int) throws(PayloadFault) -> Int {
        var at = start
        if byte(at) == UInt8(ascii: "-") { at += 1 }
        // A leading zero ends the integer. A digit after it is then an unexpected byte after the number.
        if byte(at) == UInt8(ascii: "0") { at += 1 } else { at = try digits(at) }
        if byte(at) == UInt8(ascii: ".") { at = try digits(at + 1) }
        if byte(at) | 0x20 == UInt8(ascii: "e") {
            at += 1
            if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at += 1 }
            at = try digits(at)
        }
        return at
    }

    /// Reads at least one digit.
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
