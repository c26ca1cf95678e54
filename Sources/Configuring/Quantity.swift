/// Splits a text into the number it starts with, in ASCII digits, and the unit that follows.
func quantity(_ text: String) -> (Int, String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    return (number, String(text[digits.endIndex...].trimmingPrefix(" ")))
}
