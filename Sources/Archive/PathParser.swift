internal import Webhooks

/// Parses a path from its beginning, by its bytes: a slash that a combining accent follows is part of another character to
/// Swift.
struct PathParser {
    /// What was not parsed yet.
    private var rest: UnsafeRawBufferPointer

    /// Returns what `body` makes of a path, or `nil` if it leaves a part of it.
    static func parse<Result>(_ path: String, _ body: (inout PathParser) -> Result?) -> Result? {
        var path = path
        return path.withUTF8 {
            var parser = PathParser(rest: UnsafeRawBufferPointer($0))
            let result = body(&parser)
            return parser.rest.isEmpty ? result : nil
        }
    }

    /// Skips a literal. Returns whether it is next.
    mutating func skip(_ literal: StaticString) -> Bool {
        let literal = RawBytes.of(literal)
        guard rest.count >= literal.count, RawBytes.areEqual(bytes(literal.count), literal) else { return false }
        advance(literal.count)
        return true
    }

    /// Skips the name up to the next slash, or to the end of the path, and returns it.
    mutating func name() -> String {
        let count = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.count
        defer { advance(count) }
        return String(decoding: bytes(count), as: UTF8.self)
    }

    /// Skips a date and returns it, or `nil` if none is next.
    mutating func day() -> CivilDate? {
        guard rest.count >= CivilDate.textCount, let day = CivilDate(utf8: bytes(CivilDate.textCount)) else {
            return nil
        }
        advance(CivilDate.textCount)
        return day
    }

    /// Skips lower-case hex digits and returns them, or `nil` if not as many are next.
    mutating func hex(_ count: Int) -> String? {
        guard rest.count >= count, bytes(count).allSatisfy(Hex.isDigit) else { return nil }
        defer { advance(count) }
        return String(decoding: bytes(count), as: UTF8.self)
    }

    /// Skips a number without a leading zero and returns it, or `nil` if none is next.
    mutating func number() -> Int? {
        let count = rest.firstIndex { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? rest.count
        guard count > 0, rest[0] != UInt8(ascii: "0") else { return nil }
        defer { advance(count) }
        return rest.decimal(0..<count)
    }

    private func bytes(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: rest[..<count]) }

    private mutating func advance(_ count: Int) { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
}
