/// Parses the text of a ``PayloadCondition``.
struct PayloadConditionParser {
    private let text: String
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func parse() throws(PayloadConditionError) -> [PayloadCondition.Term] {
        var terms: [PayloadCondition.Term] = []
        repeat {
            terms.append(try term())
            skipSpace()
            guard at < bytes.count else { return terms }
        } while take(word: "and")
        throw error(at, "\"and\" and another comparison, or the end, is expected")
    }

    private mutating func term() throws(PayloadConditionError) -> PayloadCondition.Term {
        let pointer = try pointer()
        skipSpace()
        if take(word: "exists") { return .init(pointer: pointer, test: .exists) }
        if take("~") { return .init(pointer: pointer, test: .contains(pattern: try pattern())) }
        for comparison in PayloadCondition.Comparison.allCases where take(comparison.rawValue) {
            return .init(pointer: pointer, test: .compares(comparison, try literal()))
        }
        throw error(at, "one of = != < <= > >= ~ exists is expected after the pointer")
    }

    private mutating func pointer() throws(PayloadConditionError) -> JSONPointer {
        skipSpace()
        let start = at
        let written: String
        if byte == UInt8(ascii: "\"") {
            written = String(decoding: try string(), as: UTF8.self)
        } else {
            guard byte == UInt8(ascii: "/") else {
                throw error(at, "a JSON pointer is expected, such as /data/amount")
            }
            while let next = byte, !Self.endsPointer(next) { at += 1 }
            written = String(decoding: bytes[start..<at], as: UTF8.self)
        }
        do throws(JSONPointerError) {
            return try JSONPointer(written)
        } catch {
            throw self.error(start, "\(error.cause). \(error.remedy)")
        }
    }

    private mutating func pattern() throws(PayloadConditionError) -> String {
        skipSpace()
        let start = at
        guard byte == UInt8(ascii: "\"") else {
            throw error(at, "a regular expression in double quotes is expected after ~, such as \"^INV-\"")
        }
        let pattern = String(decoding: try string(), as: UTF8.self)
        guard PayloadCondition.regex(pattern) != nil else {
            throw error(start, "the text in quotes is not a regular expression")
        }
        return pattern
    }

    private mutating func literal() throws(PayloadConditionError) -> PayloadCondition.Literal {
        skipSpace()
        if byte == UInt8(ascii: "\"") { return .string(try string()) }
        let start = at
        while let next = byte, !Self.isSpace(next) { at += 1 }
        let word = Array(bytes[start..<at])
        if ["true", "false", "null"].contains(where: { $0.utf8.elementsEqual(word) }) { return .word(word) }
        if let number = word.withUnsafeBytes({ DecimalNumber($0) }) { return .number(number) }
        throw error(
            start,
            word.isEmpty
                ? "a value is expected: a number, a string in double quotes, true, false, or null"
                : "a value is a number, a string in double quotes, true, false, or null")
    }

    /// Parses a JSON string from its opening quote on, and returns its characters.
    private mutating func string() throws(PayloadConditionError) -> [UInt8] {
        let start = at
        let result = bytes.withUnsafeBytes { bytes -> (end: Int, characters: [UInt8])? in
            guard let tokens = JSONTokens(bytes), let end = try? tokens.string(start).end else { return nil }
            return (end, JSONText.unescaped(UnsafeRawBufferPointer(rebasing: bytes[start + 1..<end - 1])))
        }
        guard let result else { throw error(start, "this string does not end, or is not a valid JSON string") }
        at = result.end
        return result.characters
    }

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte, Self.isSpace(byte) { at += 1 }
    }

    private mutating func take(_ symbol: String) -> Bool {
        guard bytes[at...].starts(with: symbol.utf8) else { return false }
        at += symbol.utf8.count
        return true
    }

    /// Takes a word, which ends with white space or the text.
    private mutating func take(word: String) -> Bool {
        let rest = bytes[at...]
        guard rest.starts(with: word.utf8), rest.dropFirst(word.utf8.count).first.map(Self.isSpace) ?? true else {
            return false
        }
        at += word.utf8.count
        return true
    }

    private func error(_ offset: Int, _ cause: String) -> PayloadConditionError {
        let before = String(decoding: bytes[..<offset], as: UTF8.self)
        return PayloadConditionError(text: text, offset: before.count, cause: cause)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private static func endsPointer(_ byte: UInt8) -> Bool { isSpace(byte) || "\"=!<>".utf8.contains(byte) }
}
