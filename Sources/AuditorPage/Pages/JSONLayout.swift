/// A JSON text with the same tokens, laid out in lines.
///
/// Numbers keep their digits and strings their escapes; only white space between tokens changes. Text that is not
/// valid JSON may be laid out oddly, but nothing is lost.
enum JSONLayout {
    static func indented(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        var depth = 0
        var (isString, isEscaped) = (false, false)
        // The last byte that is not white space between tokens.
        var last: UInt8 = 0
        func breakLine() {
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * min(depth, 64)))
        }
        for byte in bytes {
            if isString {
                output.append(byte)
                isString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { breakLine() }
                output.append(byte)
            default:
                if last == UInt8(ascii: "{") || last == UInt8(ascii: "[") || last == UInt8(ascii: ",") { breakLine() }
                output.append(byte)
                switch byte {
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: ":"): output.append(UInt8(ascii: " "))
                case UInt8(ascii: "\""): isString = true
                default: break
                }
            }
            last = byte
        }
        return String(decoding: output, as: UTF8.self)
    }
}
