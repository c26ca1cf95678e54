/// A number for fast comparison of names: equal names have equal keys, and different names nearly always have different
/// keys.
///
/// Equal keys do not prove that names are equal, since a sender can construct names with the same key.
struct NameKey: Equatable {
    let value: UInt64

    /// The key as one of 64 bits, for filters.
    var bit: UInt64 { 1 << (value >> 58) }

    /// Creates the key of the name in a range of some bytes. It depends on the name's first eight bytes, its last eight,
    /// and its length.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        let count = range.count
        var first: UInt64 = 0
        var last: UInt64 = 0
        if let base = bytes.baseAddress, range.lowerBound + 8 <= bytes.count {
            let start = base + range.lowerBound
            let mask: UInt64 = count >= 8 ? ~0 : 1 << UInt64(truncatingIfNeeded: 8 * count) - 1
            first = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) & mask
            last = UInt64(littleEndian: (start + max(0, count - 8)).loadUnaligned(as: UInt64.self)) & mask
        } else {
            // Fewer than eight bytes remain: compute the same numbers byte by byte.
            for index in range.reversed() { first = first << 8 | UInt64(bytes[index]) }
            last = first
        }
        var mixed = (first ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 32 ^ last) &* 0xD6E8_FEB8_6659_FD93
        value = mixed
    }
}
