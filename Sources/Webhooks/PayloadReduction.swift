/// The payload without the members that may differ between deliveries of one event: see ``PayloadRules/ignoring``.
enum PayloadReduction {
    /// Returns the hash of a payload without some members.
    ///
    /// - Parameters:
    ///   - bytes: Valid JSON.
    ///   - ignored: The ranges of members, from the name's quote to the end of the value, and of array elements. They
    ///     may be in any order and nested.
    static func hash(of bytes: UnsafeRawBufferPointer, without ignored: [Range<Int>]) -> ContentHash {
        var hash = RunningHash()
        var kept = 0
        for gap in gaps(in: bytes, without: ignored) {
            hash.add(UnsafeRawBufferPointer(rebasing: bytes[kept..<gap.lowerBound]))
            kept = gap.upperBound
        }
        hash.add(UnsafeRawBufferPointer(rebasing: bytes[kept...]))
        return hash.value
    }

    /// Returns the ranges to leave out: the members, and one comma for each. They are in order and do not overlap.
    private static func gaps(in bytes: UnsafeRawBufferPointer, without ignored: [Range<Int>]) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var end = 0
        for member in ignored.sorted(by: { $0.lowerBound < $1.lowerBound }) where member.lowerBound >= end {
            // Between two tokens there is only white space, so these bytes belong to the neighbouring tokens.
            let before = (end..<member.lowerBound).last { !isSpace(bytes[$0]) }
            let after = (member.upperBound..<bytes.count).first { !isSpace(bytes[$0]) }
            // If the comma before this member was left out, no member remains before this one, and it counts as first.
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
