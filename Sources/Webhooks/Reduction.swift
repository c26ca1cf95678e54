/// A payload less the members that may differ from one delivery of an event to the next: see ``PayloadRules/ignoring``.
enum Reduction {
    /// - Parameters:
    ///   - bytes: valid JSON.
    ///   - ignored: members, from the name's quote to the value's end, and array elements; in any order, some of them
    ///     perhaps within others.
    static func hash(of bytes: UnsafeRawBufferPointer, without ignored: [Range<Int>]) -> ContentHash {
        var hash = RunningHash()
        var kept = 0
        for gap in gaps(in: bytes, ignored) {
            hash.add(UnsafeRawBufferPointer(rebasing: bytes[kept..<gap.lowerBound]))
            kept = gap.upperBound
        }
        hash.add(UnsafeRawBufferPointer(rebasing: bytes[kept...]))
        return hash.value
    }

    /// What goes, in order and apart from each other: the members, and with each of them a comma.
    static func gaps(in bytes: UnsafeRawBufferPointer, _ ignored: [Range<Int>]) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var end = 0
        for member in ignored.sorted(by: { $0.lowerBound < $1.lowerBound }) where member.lowerBound >= end {
            // Outside of strings, what is neither a token nor between tokens is white space.
            let before = (end..<member.lowerBound).last { !isSpace(bytes[$0]) }
            let after = (member.upperBound..<bytes.count).first { !isSpace(bytes[$0]) }
            // Is the comma before it gone, then it went with a member after which nothing has stayed: so it is as if
            // this member were the first.
            if let before, bytes[before] == UInt8(ascii: ",") {
                gaps += [before..<before + 1, member]
                end = member.upperBound
            } else if let after, bytes[after] == UInt8(ascii: ",") {
                gaps += [member, after..<after + 1]
                end = after + 1
            } else {
                gaps.append(member)
                end = member.upperBound
            }
        }
        return gaps
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }
}
