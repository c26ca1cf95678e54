internal import Webhooks

/// A string or whole number within its line, which it must not outlive.
package struct LineValue {
    /// The bytes of the string without its quotes, or the digits of the number.
    let written: UnsafeRawBufferPointer
    let isEscaped: Bool

    /// - Throws: ``LineFault`` if it is not valid UTF-8.
    package var text: String {
        get throws(LineFault) {
            guard let text = String(validating: isEscaped ? unescaped : Array(written), as: UTF8.self) else {
                throw LineFault("a string is not valid UTF-8")
            }
            return text
        }
    }

    /// Returns whether its text has these bytes.
    package func equals(_ bytes: UnsafeRawBufferPointer) -> Bool {
        isEscaped ? unescaped.withUnsafeBytes { RawBytes.areEqual($0, bytes) } : RawBytes.areEqual(written, bytes)
    }

    /// The escapes are those that ``LineReader`` accepts.
    private var unescaped: [UInt8] {
        var bytes: [UInt8] = []
        var place = 0
        while place < written.count {
            let byte = written[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            let kind = written[place]
            place += 1
            switch kind {
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "u"):
                let scalar = LineReader.scalar(written, at: place) ?? "\u{FFFD}"
                bytes += Array(String(scalar).utf8)
                place += 4
            default: bytes.append(kind)
            }
        }
        return bytes
    }
}
