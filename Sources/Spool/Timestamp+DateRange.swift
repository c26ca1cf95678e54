internal import Webhooks

extension Timestamp {
    /// The milliseconds since 1970 whose dates have a year of four digits, 0000 to 9999.
    static var fourDigitYears: Range<Int64> { -62_167_219_200_000..<253_402_300_800_000 }
}
