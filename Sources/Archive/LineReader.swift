internal import Glibc
internal import Webhooks

/// Parses a line that Daybook wrote: an object whose members are strings and whole numbers, up to a named last member.
/// Members that are named may be objects of these.
///
/// It shares no code with ``LineBytes``, since a check must not trust the writer. It copies nothing, so it must not
/// outlive the line.
struct LineReader {
    private let line: UnsafeRawBufferPointer
    private var position = 0
    private var members: [Member] = []

    private struct Member {
        let name: UnsafeRawBufferPointer
        let value: LineValue
    }

    /// More members than any line that Daybook writes has, so that the search for duplicate names stays cheap.
    private static let mostMembers = 32

    /// - Parameter last: The name of the required last member, which ``rest()`` returns, or `nil` if the line has
    ///   only members.
    /// - Parameter objects: The names of the members that are objects, if the line has them.
    init(
        _ line: UnsafeRawBufferPointer, before last: StaticString?, objects: [StaticString] = []
    ) throws(LineFault) {
        try self.init(line, from: 0, before: last, objects: objects)
        if last == nil, position < line.count { throw LineFault("something follows the object") }
    }

    private init(
        _ line: UnsafeRawBufferPointer, from start: Int, before last: StaticString?, objects: [StaticString]
    ) throws(LineFault) {
        self.line = line
        position = start
        members.reserveCapacity(16)
        try expect("{")
        while true {
            let name = try string()
            try expect(":")
            guard !name.isEscaped else { throw LineFault("a name has an escape, which Daybook does not write") }
            if let last, RawBytes.areEqual(name.written, RawBytes.of(last)) { return }
            let isObject = objects.contains { RawBytes.areEqual(name.written, RawBytes.of($0)) }
            let value = isObject ? try object() : peek == UInt8(ascii: "\"") ? try string() : try number()
            guard !members.contains(where: { RawBytes.areEqual($0.name, name.written) }) else {
                throw LineFault("\"\(String(decoding: name.written, as: UTF8.self))\" is a duplicate name")
            }
            guard members.count < Self.mostMembers else { throw LineFault("it has more members than Daybook writes") }
            members.append(Member(name: name.written, value: value))
            if last == nil, peek == UInt8(ascii: "}") {
                position += 1
                return
            }
            try expect(",")
        }
    }

    /// Returns the value of the member with this name, or `nil` if there is none.
    subscript(name: StaticString) -> LineValue? {
        members.first { RawBytes.areEqual($0.name, RawBytes.of(name)) }?.value
    }

    /// Returns the members of the object with this name, or `nil` if there is none.
    func object(_ name: StaticString) throws(LineFault) -> LineReader? {
        guard let value = self[name] else { return nil }
        return try LineReader(value.written, before: nil)
    }

    /// Returns the value of a member that is required.
    func value(_ name: StaticString) throws(LineFault) -> LineValue {
        guard let value = self[name] else { throw LineFault("\"\(name)\" is missing") }
        return value
    }

    /// Returns the bytes between the name at which parsing stopped and the line's final `}`.
    func rest() throws(LineFault) -> UnsafeRawBufferPointer {
        guard position < line.count, line[line.count - 1] == UInt8(ascii: "}") else {
            throw LineFault("it does not end with '}'")
        }
        return UnsafeRawBufferPointer(rebasing: line[position..<(line.count - 1)])
    }

    private var peek: UInt8? { position < line.count ? line[position] : nil }

    private mutating func expect(_ character: Unicode.Scalar) throws(LineFault) {
        guard let byte = peek, UInt32(byte) == character.value else {
            throw LineFault("'\(character)' is missing at byte \(position)")
        }
        position += 1
    }

    private mutating func object() throws(LineFault) -> LineValue {
        let start = position
        position = try LineReader(line, from: start, before: nil, objects: []).position
        return value(start..<position, isEscaped: false)
    }

    private mutating func number() throws(LineFault) -> LineValue {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        // As in JSON, 0 is not the beginning of another number.
        let count = position - start
        guard count == 1 || count > 1 && line[start] != UInt8(ascii: "0") else {
            throw LineFault("byte \(start) begins neither a string nor a whole number")
        }
        return value(start..<position, isEscaped: false)
    }

    private mutating func string() throws(LineFault) -> LineValue {
        let start = position
        try expect("\"")
        var (isEscaped, isASCII) = (false, true)
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                let value = value((start + 1)..<(position - 1), isEscaped: isEscaped)
                // This applies to unused members too: every accepted line is valid JSON.
                guard isASCII || String(validating: value.written, as: UTF8.self) != nil else {
                    throw LineFault("the string at byte \(start) is not valid UTF-8")
                }
                return value
            case UInt8(ascii: "\\"):
                isEscaped = true
                try skipEscape()
            case 0..<0x20: throw LineFault("byte \(position - 1) is a control character")
            case 0x80...: isASCII = false
            default: continue
            }
        }
        throw LineFault("the string at byte \(start) has no end")
    }

    private func value(_ range: Range<Int>, isEscaped: Bool) -> LineValue {
        LineValue(written: UnsafeRawBufferPointer(rebasing: line[range]), isEscaped: isEscaped)
    }

    /// Skips an escape, from after the backslash.
    private mutating func skipEscape() throws(LineFault) {
        guard let kind = peek else { throw LineFault("it ends in an escape") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "t"),
            UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "r"):
            return
        case UInt8(ascii: "u"):
            guard Self.scalar(line, at: position) != nil else {
                throw LineFault("byte \(position - 2) begins an escape that Daybook does not write")
            }
            position += 4
        default: throw LineFault("byte \(position - 2) begins an unknown escape")
        }
    }

    /// Returns the code point of four hex digits, or `nil` if there are none, or they are half of a surrogate
    /// pair.
    static func scalar(_ text: UnsafeRawBufferPointer, at start: Int) -> Unicode.Scalar? {
        guard start + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for place in start..<(start + 4) {
            guard let digit = Character(Unicode.Scalar(text[place])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return Unicode.Scalar(value)
    }
}

extension LineReader {
    /// Returns the whole number in the member with this name, which is at least 0.
    func number(_ name: StaticString) throws(LineFault) -> Int {
        let digits = try value(name).written
        guard let number = digits.decimal(0..<digits.count) else { throw LineFault("\"\(name)\" is not a number") }
        return number
    }

    /// Returns the delivery id in the member with this name.
    func id(_ name: StaticString) throws(LineFault) -> DeliveryID {
        guard let id = try DeliveryID(utf8: value(name).written.assumingMemoryBound(to: UInt8.self)) else {
            throw LineFault("\"\(name)\" is not a UUID")
        }
        return id
    }

    /// Returns the text in the member with this name, or `nil` if there is none.
    func text(_ name: StaticString) throws(LineFault) -> String? {
        guard let value = self[name] else { return nil }
        return try value.text
    }

    func day(_ name: StaticString) throws(LineFault) -> CivilDate {
        guard let day = try CivilDate(utf8: value(name).written) else {
            throw LineFault("\"\(name)\" is not a date")
        }
        return day
    }

    func time(_ name: StaticString) throws(LineFault) -> Timestamp {
        guard let time = try Timestamp(utf8: value(name).written) else {
            throw LineFault("\"\(name)\" is not an RFC 3339 time in UTC with milliseconds")
        }
        return time
    }

    func hash(_ name: StaticString) throws(LineFault) -> ContentHash {
        guard let hash = try ContentHash(hex: value(name).written) else {
            throw LineFault("\"\(name)\" is not a SHA-256")
        }
        return hash
    }
}
