internal import Foundation

/// Splits a stream of bytes into texts: the lines of NDJSON, or the elements of one JSON array.
///
/// The elements of an array are found by brackets and quotes alone. Whether each is valid JSON is for its reader to decide.
struct TextSplitter {
    enum Form {
        case lines
        case array
    }

    /// A text, or how many bytes one has that is longer than ``limit``.
    enum Text: Equatable {
        case whole([UInt8])
        case tooLong(Int)
    }

    /// The longest text that is returned whole, in bytes. A sweep archives payloads of up to 16 MiB, and a wrapper may need
    /// twice that for a payload in a string.
    static let limit = 64 << 20

    private let form: Form
    private var text: [UInt8] = []
    /// The length of the text so far, also of one that is too long to be kept.
    private var length = 0
    private var depth = 0
    private var isString = false
    private var isEscaped = false
    private(set) var isClosed = false

    init(_ form: Form) { self.form = form }

    /// Adds bytes, and calls `body` with each text that they end.
    mutating func add(_ bytes: Data, _ body: (Text) throws -> Void) throws {
        for byte in bytes {
            switch form {
            case .lines:
                if byte == UInt8(ascii: "\n") { try end(body) } else { append(byte) }
            case .array: try addToArray(byte, body)
            }
        }
    }

    /// Ends the last text.
    ///
    /// - Returns: Whether an array was closed. The last line of NDJSON need not end with LF.
    mutating func finish(_ body: (Text) throws -> Void) throws -> Bool {
        if form == .lines || depth > 0 { try end(body) }
        return form == .lines || isClosed
    }

    private mutating func append(_ byte: UInt8) {
        length += 1
        if length <= Self.limit { text.append(byte) } else { text = [] }
    }

    private mutating func end(_ body: (Text) throws -> Void) throws {
        let (ended, length) = (text, length)
        (text, self.length) = ([], 0)
        if length > Self.limit { return try body(.tooLong(length)) }
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let start = ended.firstIndex(where: { !isSpace($0) }), let last = ended.lastIndex(where: { !isSpace($0) })
        else { return }
        try body(.whole(Array(ended[start...last])))
    }

    private mutating func addToArray(_ byte: UInt8, _ body: (Text) throws -> Void) throws {
        guard depth > 0 else {
            // Before the array; after it, only white space is expected, and nothing else is a delivery.
            if byte == UInt8(ascii: "["), !isClosed { depth = 1 }
            return
        }
        if isString {
            isString = isEscaped || byte != UInt8(ascii: "\"")
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            return append(byte)
        }
        switch byte {
        case UInt8(ascii: "\""): isString = true
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            depth -= 1
            if depth == 0 {
                isClosed = true
                return try end(body)
            }
        case UInt8(ascii: ",") where depth == 1: return try end(body)
        default: break
        }
        append(byte)
    }
}
