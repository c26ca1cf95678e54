/// Writes dates and times to existing memory. A sweep writes a time for each line, so this allocates nothing.
struct DateWriter {
    private let text: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ text: UnsafeMutableBufferPointer<UInt8>) { self.text = text }

    mutating func add(_ separator: Unicode.Scalar) {
        text[count] = UInt8(ascii: separator)
        count += 1
    }

    /// Adds a number with leading zeros up to the width. The sign of a negative number precedes them.
    mutating func add(_ value: Int, width: Int) {
        if value < 0 { add("-") }
        var rest = value.magnitude
        var width = width
        while width < 20, rest >= Self.power(width) { width += 1 }
        count += width
        for position in 1...width {
            text[count - position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    mutating func add(_ date: CivilDate) {
        let (year, month, day) = date.fields
        add(year, width: 4)
        add("-")
        add(month, width: 2)
        add("-")
        add(day, width: 2)
    }

    private static func power(_ exponent: Int) -> UInt { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}
