extension FixedWidthInteger {
    /// Divides, rounding towards negative infinity.
    package func floored(by divisor: Self) -> Self {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
