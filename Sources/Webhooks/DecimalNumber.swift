/// A JSON number (RFC 8259, section 6) as a decimal of any length, so that neither comparing nor converting it rounds.
///
/// `1`, `1.0` and `10e-1` are equal. Exponents beyond 10¹⁷ in magnitude are treated as that.
package struct DecimalNumber: Comparable, Sendable {
    /// -1, 0, or 1.
    private let sign: Int
    /// The power of ten of the first digit.
    private let exponent: Int
    /// The digits as values from 0 to 9, without zeros at either end.
    private let digits: [UInt8]

    /// Returns `nil` if the text is not one JSON number, without white space.
    package init?(_ text: UnsafeRawBufferPointer) {
        guard let tokens = JSONTokens(text), let scalar = try? tokens.scalar(0), scalar.kind == .number,
            scalar.end == text.count
        else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.count)
        var integerDigits: Int?
        var exponent = 0
        var at = text[0] == UInt8(ascii: "-") ? 1 : 0
        let isNegative = at == 1
        while at < text.count {
            let byte = text[at]
            at += 1
            switch byte {
            case UInt8(ascii: "."): integerDigits = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent = Self.exponent(UnsafeRawBufferPointer(rebasing: text[at...]))
                at = text.count
            default: digits.append(byte - UInt8(ascii: "0"))
            }
        }
        exponent += (integerDigits ?? digits.count) - 1
        guard let first = digits.firstIndex(where: { $0 != 0 }) else {
            (sign, self.exponent, self.digits) = (0, 0, [])
            return
        }
        while digits.last == 0 { digits.removeLast() }
        sign = isNegative ? -1 : 1
        self.exponent = exponent - first
        self.digits = Array(digits[first...])
    }

    private static func exponent(_ text: UnsafeRawBufferPointer) -> Int {
        let isNegative = text[0] == UInt8(ascii: "-")
        let digits = isNegative || text[0] == UInt8(ascii: "+") ? text.dropFirst() : text[...]
        let limit = 100_000_000_000_000_000
        let value = digits.reduce(0) { min(limit, $0 * 10 + Int($1 - UInt8(ascii: "0"))) }
        return isNegative ? -value : value
    }

    /// Returns the number times 10 to the power of `scale`, or `nil` if that is not whole, or has more than `precision` digits.
    ///
    /// - Parameter precision: At most 38.
    package func scaled(by scale: Int, precision: Int) -> Int128? {
        if sign == 0 { return 0 }
        // The number is its digits times 10 to this power, which is negative if decimals would be cut off.
        let zeros = exponent - (digits.count - 1) + scale
        guard zeros >= 0, digits.count + zeros <= precision else { return nil }
        let magnitude = digits.reduce(Int128(0)) { $0 * 10 + Int128($1) }
        return (0..<zeros).reduce(magnitude) { value, _ in value * 10 } * Int128(sign)
    }

    package static func < (a: Self, b: Self) -> Bool {
        if a.sign != b.sign { return a.sign < b.sign }
        let (small, large) = a.sign < 0 ? (b, a) : (a, b)
        if small.exponent != large.exponent { return small.exponent < large.exponent }
        return small.digits.lexicographicallyPrecedes(large.digits)
    }
}
