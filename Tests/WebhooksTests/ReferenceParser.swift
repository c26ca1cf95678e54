/// A second parser with the same rules, as simple as possible: slow, recursive, and without code of the scanner.
struct ReferenceParser {
    private struct Invalid: Error {}

    private let text: [Unicode.Scalar]
    private var at = 0
    private let limit: Int

    /// Returns the value, or `nil` if Daybook does not accept the text.
    static func parse(_ bytes: [UInt8], limit: Int = 512) -> JSONTree? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var parser = ReferenceParser(text: Array(text.unicodeScalars), limit: limit)
        do {
            parser.skipSpace()
            let value = try parser.value(depth: 1)
            parser.skipSpace()
            return parser.at == parser.text.count ? value : nil
        } catch {
            return nil
        }
    }

    private init(text: [Unicode.Scalar], limit: Int) {
        self.text = text
        self.limit = limit
    }

    private var next: Unicode.Scalar? { at < text.count ? text[at] : nil }

    private mutating func skipSpace() {
        while let next, [" ", "\t", "\n", "\r"].contains(next) { at += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) throws -> JSONTree {
        guard let next else { throw Invalid() }
        switch next {
        case "{", "[":
            guard depth <= limit else { throw Invalid() }
            return next == "{" ? try object(depth: depth) : try array(depth: depth)
        case "\"":
            return .string(try string())
        default:
            for literal in ["true", "false", "null"]
            where Array(text[at..<min(at + literal.count, text.count)]) == Array(literal.unicodeScalars) {
                at += literal.count
                return .token(literal)
            }
            return .token(try number())
        }
    }

    private mutating func array(depth: Int) throws -> JSONTree {
        at += 1
        skipSpace()
        if take("]") { return .array([]) }
        var elements: [JSONTree] = []
        while true {
            skipSpace()
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw Invalid() }
        }
    }

    private mutating func object(depth: Int) throws -> JSONTree {
        at += 1
        skipSpace()
        if take("}") { return .object([]) }
        var members: [JSONTree.Member] = []
        var names: Set<[UInt8]> = []
        while true {
            skipSpace()
            let name = try string()
            guard names.insert(Array(name.meaning.utf8)).inserted else { throw Invalid() }
            skipSpace()
            guard take(":") else { throw Invalid() }
            skipSpace()
            members.append(JSONTree.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw Invalid() }
        }
    }

    private mutating func string() throws -> JSONTree.Text {
        let start = at
        guard take("\"") else { throw Invalid() }
        var units: [UInt16] = []
        while let scalar = next {
            at += 1
            switch scalar {
            case "\"":
                guard let meaning = String(validating: units, as: UTF16.self) else { throw Invalid() }
                let literal = text[start..<at].reduce(into: "") { $0.unicodeScalars.append($1) }
                return JSONTree.Text(literal: literal, meaning: meaning)
            case "\\":
                units.append(try escape())
            default:
                guard scalar.value >= 0x20 else { throw Invalid() }
                units += Array(String(scalar).utf16)
            }
        }
        throw Invalid()
    }

    private mutating func escape() throws -> UInt16 {
        let letters: [Unicode.Scalar: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        guard let letter = next else { throw Invalid() }
        at += 1
        if let unit = letters[letter] { return unit }
        guard letter == "u", at + 4 <= text.count else { throw Invalid() }
        let digits = text[at..<at + 4].map(Character.init)
        guard digits.allSatisfy({ $0.isASCII && $0.isHexDigit }), let unit = UInt16(String(digits), radix: 16) else {
            throw Invalid()
        }
        at += 4
        return unit
    }

    private mutating func number() throws -> String {
        let start = at
        func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ("0"..."9").contains($0) } ?? false }
        _ = take("-")
        if !take("0") {
            guard isDigit(next) else { throw Invalid() }
            while isDigit(next) { at += 1 }
        }
        if take(".") {
            guard isDigit(next) else { throw Invalid() }
            while isDigit(next) { at += 1 }
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard isDigit(next) else { throw Invalid() }
            while isDigit(next) { at += 1 }
        }
        return text[start..<at].reduce(into: "") { $0.unicodeScalars.append($1) }
    }
}
