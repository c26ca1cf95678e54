extension UnsafeRawBufferPointer {
    /// Returns the value of decimal digits in ASCII, or `nil` if there are none, if there is any other byte, or if the value
    /// does not fit into an `Int`.
    package func decimal(_ range: Range<Int>) -> Int? {
        var value = 0
        for byte in self[range] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isLarger) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            if isTooLarge || isLarger { return nil }
            value = sum
        }
        return range.isEmpty ? nil : value
    }
}
