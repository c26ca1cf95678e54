import Testing
import Webhooks

@Suite struct DecimalNumberTests {
    private func number(_ text: String) -> DecimalNumber? {
        Array(text.utf8).withUnsafeBytes { DecimalNumber($0) }
    }

    @Test(arguments: [
        ("0", 2, 1, Int128(0)), ("-0.000e99", 0, 1, 0), ("1.5", 2, 3, 150), ("-1.50", 1, 2, -15), ("12e3", 0, 5, 12000),
        ("120e-1", 0, 2, 12), ("9007199254740993", 0, 19, 9_007_199_254_740_993), ("0.30", 2, 2, 30),
        ("0.000000001", 9, 1, 1),
        ("99999999999999999999999999999999999999", 0, 38, 99_999_999_999_999_999_999_999_999_999_999_999_999),
        ("-0.99999999999999999999999999999999999999", 38, 38, -99_999_999_999_999_999_999_999_999_999_999_999_999),
    ])
    func aNumberIsScaledExactly(_ text: String, _ scale: Int, _ precision: Int, _ value: Int128) throws {
        #expect(try #require(number(text)).scaled(by: scale, precision: precision) == value)
    }

    /// One digit too many at either end, and exponents that no power of ten can follow.
    @Test(arguments: [
        ("1.005", 2, 18), ("0.1", 0, 18), ("100", 0, 2), ("10", 1, 2), ("1e38", 0, 38), ("1e-39", 38, 38),
        ("0.30000000000000004", 2, 18), ("1e99999999999999999999", 2, 38), ("1e-99999999999999999999", 38, 38),
    ])
    func aNumberThatDoesNotFitIsNotRounded(_ text: String, _ scale: Int, _ precision: Int) throws {
        #expect(try #require(number(text)).scaled(by: scale, precision: precision) == nil)
    }
}
