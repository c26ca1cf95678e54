internal import Foundation

/// Splits a stream of bytes into texts: the lines of NDJSON, or the elements of one JSON array.
///
/// The elements of an array are found by brackets and quotes alone. Whether each is valid JSON is for its reader to decide.
struct TextSplitter {
    enum Form {
        case lines
        case array
    }

    /// A text, or that it is longer than ``limit``.
    enum Text: Equatable {
        case whole([UInt8])
        case tooLong
    }

    /// What is wrong with an array, as a clause.
    struct Fault: Error, Equatable {
        let cause: String
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
    private var isClosed = false

    init(_ form: Form) { self.form = form }

    /// Adds bytes, and calls `body` with each text that they end.
    ///
    /// - Throws: ``Fault`` if there is anything but white space before or after an array; any error that `body` throws.
    mutating func add(_ bytes: Data, _ body: (Text) throws -> Void) throws {
        for byte in bytes {
            switch form {
            case .lines:
                if byte == UInt8(ascii: "\n") { try end(body) } else { append(byte) }
            case .array: try addToArray(byte, body)
            }
        }
    }

    /// Ends the last text. The last line of NDJSON need not end with LF.
    ///
    /// - Throws: ``Fault`` if an array has no end.
    mutating func finish(_ body: (Text) throws -> Void) throws {
        if form == .lines { return try end(body) }
        guard isClosed else { throw Fault(cause: depth > 0 ? "its array has no end" : "it has no array") }
    }

    /// Whether a byte is white space of JSON (RFC 8259, section 2).
    static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private mutating func append(_ byte: UInt8) {
        length += 1
        if length <= Self.limit { text.append(byte) } else { text = [] }
    }

    private mutating func end(_ body: (Text) throws -> Void) throws {
        let (ended, length) = (text, length)
        (text, self.length) = ([], 0)
        if length > Self.limit { return try body(.tooLong) }
        guard let start = ended.firstIndex(where: { !Self.isSpace($0) }),
            let last = ended.lastIndex(where: { !Self.isSpace($0) })
        else { return }
        try body(.whole(Array(ended[start...last])))
    }

    private mutating func addToArray(_ byte: UInt8, _ body: (Text) throws -> Void) throws {
        guard depth > 0 else {
            if Self.isSpace(byte) { return }
            guard !isClosed else {
                throw Fault(cause: "there is more after its array; if each line is an item, add --form lines")
            }
            guard byte == UInt8(ascii: "[") else { throw Fault(cause: "it does not begin with an array") }
            depth = 1
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
                guard byte == UInt8(ascii: "]") else { throw Fault(cause: "its array ends with }") }
                isClosed = true
                return try end(body)
            }
        case UInt8(ascii: ",") where depth == 1: return try end(body)
        default: break
        }
        append(byte)
    }
}
