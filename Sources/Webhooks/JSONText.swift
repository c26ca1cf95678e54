/// Functions that write, minify and validate JSON text (RFC 8259).
package enum JSONText {
    /// Appends a string in quotes.
    ///
    /// Only characters that JSON requires to be escaped are escaped: as `\"` `\\` `\b` `\f` `\n` `\r` `\t`, or as
    /// `\u00XX` (in upper-case hex) for other characters below U+0020. All others are written as UTF-8.
    package static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            guard bytes.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
                output.append(contentsOf: bytes)
                return
            }
            for byte in bytes { appendEscaped(byte, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Returns an array of strings.
    package static func array(of texts: [String]) -> String {
        var output = [UInt8(ascii: "[")]
        for (index, text) in texts.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            appendQuoted(text, to: &output)
        }
        output.append(UInt8(ascii: "]"))
        return String(decoding: output, as: UTF8.self)
    }

    private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        func append(escape letter: Unicode.Scalar) { output += [UInt8(ascii: "\\"), UInt8(ascii: letter)] }
        switch byte {
        case UInt8(ascii: "\""): append(escape: "\"")
        case UInt8(ascii: "\\"): append(escape: "\\")
        case 0x08: append(escape: "b")
        case 0x09: append(escape: "t")
        case 0x0A: append(escape: "n")
        case 0x0C: append(escape: "f")
        case 0x0D: append(escape: "r")
        case 0..<0x20: output += Array("\\u00\(Hex.encode([byte]).uppercased())".utf8)
        default: output.append(byte)
        }
    }

    /// Returns a JSON text without the white space between its tokens. All other bytes are unchanged.
    ///
    /// - Parameter bytes: Valid JSON. In other text, the white space outside of apparent strings is removed.
    package static func minified(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            var isString = false
            var isEscaped = false
            for byte in bytes {
                if isString {
                    isString = isEscaped || byte != UInt8(ascii: "\"")
                    isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                } else {
                    switch byte {
                    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
                    default: isString = byte == UInt8(ascii: "\"")
                    }
                }
                output[count] = byte
                count += 1
            }
        }
    }

    /// Checks that the bytes are one JSON value of any kind, by the same rules as for payloads.
    ///
    /// - Parameter nesting: The maximum depth of nested objects and arrays.
    package static func validate(_ bytes: UnsafeRawBufferPointer, nesting: Int = 512) throws(PayloadFault) {
        var scanner = try JSONScanner(bytes, maximumDepth: nesting, tree: emptyTree)
        try scanner.scan()
    }

    /// Checks that the bytes are one JSON value of any kind, by the same rules as for payloads.
    ///
    /// - Parameter nesting: The maximum depth of nested objects and arrays.
    package static func validate(_ bytes: [UInt8], nesting: Int = 512) throws(PayloadFault) {
        try bytes.span.withUnsafeBytes { bytes throws(PayloadFault) in try validate(bytes, nesting: nesting) }
    }

    /// A tree without pointers.
    private static let emptyTree = PointerTree()

    /// Returns the bytes between a string's quotes with its escapes replaced. The string must be valid.
    static func unescaped(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            var rest = bytes.makeIterator()
            func codeUnit() -> UInt32 {
                var unit: UInt32 = 0
                for _ in 0..<4 {
                    let digit = rest.next().flatMap(Hex.valueOfEitherCase) ?? 0
                    unit = unit << 4 | UInt32(digit)
                }
                return unit
            }
            func append(_ byte: UInt8) {
                output[count] = byte
                count += 1
            }
            while let byte = rest.next() {
                guard byte == UInt8(ascii: "\\") else {
                    append(byte)
                    continue
                }
                switch rest.next() {
                case UInt8(ascii: "b"): append(0x08)
                case UInt8(ascii: "f"): append(0x0C)
                case UInt8(ascii: "n"): append(0x0A)
                case UInt8(ascii: "r"): append(0x0D)
                case UInt8(ascii: "t"): append(0x09)
                case UInt8(ascii: "u"):
                    // The output is never longer: an escape has six bytes and its character at most three, and a
                    // surrogate pair has twelve bytes and its character four.
                    var scalar = codeUnit()
                    if scalar & 0xFC00 == 0xD800 {
                        _ = (rest.next(), rest.next())
                        scalar = 0x10000 + (scalar & 0x3FF) << 10 + codeUnit() & 0x3FF
                    }
                    for unit in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? .init() { append(unit) }
                case let other?: append(other)
                case nil: break
                }
            }
        }
    }
}
