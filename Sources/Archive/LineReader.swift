/// What is wrong with a line, as a clause that reads after "the line".
package struct LineFault: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Takes a line of Daybook's own apart: an object whose members are strings and whole numbers, until one that is named.
///
/// Written apart from ``LineBytes``: the checker must not trust the writer's notion of a line.
struct LineReader {
    private let line: [UInt8]
    private var position = 0

    init(_ line: some Collection<UInt8>) { self.line = Array(line) }

    /// The members, up to the one called `last`, which must be there; all of them where that is nil.
    ///
    /// A number's value is its digits. No name may stand twice.
    mutating func members(before last: String?) throws(LineFault) -> [String: String] {
        try expect("{")
        var members: [String: String] = [:]
        while true {
            let name = try string()
            try expect(":")
            if name == last { return members }
            let value = peek == UInt8(ascii: "\"") ? try string() : try number()
            guard members.updateValue(value, forKey: name) == nil else { throw LineFault("\"\(name)\" stands twice") }
            if last == nil, peek == UInt8(ascii: "}") {
                position += 1
                guard position == line.count else { throw LineFault("something follows the object") }
                return members
            }
            try expect(",")
        }
    }

    /// What stands between the name that ``members(before:)`` stopped at and the line's final `}`.
    func rest() throws(LineFault) -> [UInt8] {
        guard position < line.count, line.last == UInt8(ascii: "}") else { throw LineFault("it does not end with '}'") }
        return Array(line[position..<(line.count - 1)])
    }

    private var peek: UInt8? { position < line.count ? line[position] : nil }

    private mutating func expect(_ character: Unicode.Scalar) throws(LineFault) {
        guard let byte = peek, UInt32(byte) == character.value else {
            throw LineFault("'\(character)' is missing at byte \(position)")
        }
        position += 1
    }

    private mutating func number() throws(LineFault) -> String {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        // As JSON has it: 0 begins no other number.
        let count = position - start
        guard count == 1 || count > 1 && line[start] != UInt8(ascii: "0") else {
            throw LineFault("neither a string nor a whole number stands at byte \(start)")
        }
        return String(decoding: line[start..<position], as: UTF8.self)
    }

    private mutating func string() throws(LineFault) -> String {
        let start = position
        try expect("\"")
        var value: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: value, as: UTF8.self) else {
                    throw LineFault("the string at byte \(start) is no UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): value += try escaped()
            case 0..<0x20: throw LineFault("a control character stands at byte \(position - 1)")
            default: value.append(byte)
            }
        }
        throw LineFault("the string at byte \(start) has no end")
    }

    private mutating func escaped() throws(LineFault) -> [UInt8] {
        guard let kind = peek else { throw LineFault("it ends in an escape") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "u"):
            let digits = String(decoding: line[position..<min(position + 4, line.count)], as: UTF8.self)
            guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16),
                let scalar = Unicode.Scalar(value)
            else {
                throw LineFault("an escape that Daybook does not write stands at byte \(position - 2)")
            }
            position += 4
            return Array(String(scalar).utf8)
        default: throw LineFault("an unknown escape stands at byte \(position - 2)")
        }
    }
}
