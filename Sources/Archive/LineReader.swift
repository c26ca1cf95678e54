internal import Glibc
internal import Webhooks

/// What is wrong with a line, as a clause that reads after "the line".
package struct LineFault: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// A string or whole number, in place in its line. It must not outlive the line.
package struct LineValue {
    /// As written, without quotes; of a number, its digits.
    let written: UnsafeRawBufferPointer
    let isEscaped: Bool

    /// - Throws: ``LineFault`` where it is no UTF-8.
    package var text: String {
        get throws(LineFault) {
            guard let text = String(validating: isEscaped ? unescaped : Array(written), as: UTF8.self) else {
                throw LineFault("a string is no UTF-8")
            }
            return text
        }
    }

    /// Whether its text has these bytes.
    package func equals(_ bytes: UnsafeRawBufferPointer) -> Bool {
        isEscaped ? unescaped.withUnsafeBytes { areEqual($0, bytes) } : areEqual(written, bytes)
    }

    /// Its escapes are those that ``LineReader`` lets pass.
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

/// Takes a line of Daybook's own apart: an object whose members are strings and whole numbers, until one that is named.
///
/// Written apart from ``LineBytes``: the checker must not trust the writer's notion of a line. Nothing is copied: it must
/// not outlive the line.
struct LineReader {
    private let line: UnsafeRawBufferPointer
    private var position = 0
    private var members: [Member] = []

    private struct Member {
        let name: UnsafeRawBufferPointer
        let value: LineValue
    }

    /// More than any line has that Daybook writes: so that finding a duplicate name stays cheap.
    private static let mostMembers = 32

    /// - Parameter last: the name of the member that is read by ``rest()``, and must be there; nil where the line is
    ///   members alone.
    init(_ line: UnsafeRawBufferPointer, before last: StaticString?) throws(LineFault) {
        self.line = line
        members.reserveCapacity(16)
        try expect("{")
        while true {
            let name = try string()
            try expect(":")
            guard !name.isEscaped else { throw LineFault("a name has an escape, which Daybook does not write") }
            if let last, areEqual(name.written, last) { return }
            let value = peek == UInt8(ascii: "\"") ? try string() : try number()
            guard !members.contains(where: { areEqual($0.name, name.written) }) else {
                throw LineFault("\"\(String(decoding: name.written, as: UTF8.self))\" is a duplicate name")
            }
            guard members.count < Self.mostMembers else { throw LineFault("it has more members than Daybook writes") }
            members.append(Member(name: name.written, value: value))
            if last == nil, peek == UInt8(ascii: "}") {
                position += 1
                guard position == line.count else { throw LineFault("something follows the object") }
                return
            }
            try expect(",")
        }
    }

    /// The value of the member of this name; nil where there is none.
    subscript(name: StaticString) -> LineValue? { members.first { areEqual($0.name, name) }?.value }

    /// The value of a member that must be there.
    func value(_ name: StaticString) throws(LineFault) -> LineValue {
        guard let value = self[name] else { throw LineFault("\"\(name)\" is missing") }
        return value
    }

    /// The bytes between the name that the reading stopped at and the line's final `}`.
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

    private mutating func number() throws(LineFault) -> LineValue {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        // As JSON has it: 0 begins no other number.
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
                // Also of a member that nobody asks for: what is taken here, JSON takes.
                guard isASCII || String(validating: value.written, as: UTF8.self) != nil else {
                    throw LineFault("the string at byte \(start) is no UTF-8")
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

    /// From after the backslash.
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

    /// What four hex digits of either case name; nil where there are none, or they are half of a surrogate pair.
    fileprivate static func scalar(_ text: UnsafeRawBufferPointer, at start: Int) -> Unicode.Scalar? {
        guard start + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for place in start..<(start + 4) {
            guard let digit = Character(Unicode.Scalar(text[place])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return Unicode.Scalar(value)
    }
}

private func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let first = a.baseAddress, let second = b.baseAddress else { return a.isEmpty }
    return memcmp(first, second, a.count) == 0
}

private func areEqual(_ a: UnsafeRawBufferPointer, _ b: StaticString) -> Bool {
    areEqual(a, UnsafeRawBufferPointer(start: b.utf8Start, count: b.utf8CodeUnitCount))
}

extension LineReader {
    /// The id that is the value of this name.
    func id(_ name: StaticString) throws(LineFault) -> DeliveryID {
        guard let id = try DeliveryID(utf8: value(name).written.assumingMemoryBound(to: UInt8.self)) else {
            throw LineFault("\"\(name)\" is no UUID")
        }
        return id
    }

    func time(_ name: StaticString) throws(LineFault) -> Timestamp {
        guard let time = try Timestamp(utf8: value(name).written) else {
            throw LineFault("\"\(name)\" is no RFC 3339 time in ms, UTC")
        }
        return time
    }

    func hash(_ name: StaticString) throws(LineFault) -> ContentHash {
        guard let hash = try ContentHash(hex: value(name).written) else {
            throw LineFault("\"\(name)\" is no SHA-256")
        }
        return hash
    }
}
