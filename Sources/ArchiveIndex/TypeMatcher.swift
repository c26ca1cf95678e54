internal import Glibc
internal import Webhooks

/// Finds the type of an event in its line, without parsing the line.
///
/// Which lines have a type could be asked of the index, too. But the rows of a file's events are far apart there, so that
/// reading them takes longer than to inflate the file.
struct TypeMatcher: Sendable {
    /// How the member `type` of a line begins if it matches, from its comma on.
    private let beginnings: [[UInt8]]

    private static let member = Array(#","type":"#.utf8)

    /// - Parameter types: The types to match; any if it is empty.
    init(_ types: [EventQuery.TypePattern]) {
        beginnings = types.map { type in
            var bytes = Self.member
            JSONText.appendQuoted(type.text, to: &bytes)
            return type.isPrefix ? bytes.dropLast() : bytes
        }
    }

    /// - Parameter line: An event as the archive has it. The members before its type are an id and a source, which cannot
    ///   contain what is looked for.
    func matches(_ line: UnsafeRawBufferPointer) -> Bool {
        guard !beginnings.isEmpty else { return true }
        var rest = line
        while let base = rest.baseAddress, let comma = memchr(base, Int32(UInt8(ascii: ",")), rest.count) {
            rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(comma) - base)...])
            if Self.begins(rest, with: Self.member) { return beginnings.contains { Self.begins(rest, with: $0) } }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        }
        return false
    }

    private static func begins(_ bytes: UnsafeRawBufferPointer, with beginning: [UInt8]) -> Bool {
        bytes.count >= beginning.count && bytes.baseAddress.map { memcmp($0, beginning, beginning.count) } == 0
    }
}
