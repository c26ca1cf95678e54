/// Drawings in characters, one line high.
enum Bar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    private static let heights = Array(" ▁▂▃▄▅▆▇█")

    /// Returns a part of a whole, in `width` columns. Anything above zero is visible.
    static func part(_ value: Int, of most: Int, width: Int) -> String {
        guard value > 0, most > 0 else { return "" }
        let cells = max(1, min(value, most) * width * 8 / most)
        return String(repeating: "█", count: cells / 8) + eighths[cells % 8]
    }

    /// Returns values as a row of bars, one column each. Anything above zero is visible.
    static func line(_ values: [Int]) -> String {
        let most = max(1, values.max() ?? 1)
        return String(values.map { heights[$0 == 0 ? 0 : max(1, $0 * 8 / most)] })
    }
}
