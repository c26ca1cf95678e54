internal import Configuring
internal import Foundation
internal import Webhooks

/// Drawings as SVG. They contain only numbers, dates, and paths of this page, and nothing from a payload.
enum Chart {
    /// Returns days as bars, the last one at the right.
    ///
    /// - Parameter label: A description for people who cannot see the drawing.
    static func bars(_ counts: [Int], label: String) -> String {
        let (height, step) = (28, 3)
        let most = max(1, counts.max() ?? 1)
        var svg =
            #"<svg class="bars" role="img" aria-label="\#(label)" viewBox="0 0 \#(counts.count * step) \#(height)" "#
            + #"preserveAspectRatio="none">"#
        for (index, count) in counts.enumerated() where count > 0 {
            let bar = max(2, count * height / most)
            svg += #"<rect x="\#(index * step)" y="\#(height - bar)" width="\#(step - 1)" height="\#(bar)"/>"#
        }
        return svg + "</svg>"
    }

    /// Returns a share of a whole as a bar with its number beside it.
    static func share(_ part: Int, of whole: Int) -> String {
        let width = whole == 0 ? 0 : max(1, part * 100 / whole)
        return #"<svg class="share" aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none">"#
            + #"<rect width="\#(width)" height="8" rx="1"/></svg>"#
    }

    /// Returns a year of days with a column for each week. Each day with events is a link.
    ///
    /// - Parameters:
    ///   - counts: The number of events, by day.
    ///   - path: Returns the link of a day.
    static func year(_ year: Int, _ counts: [CivilDate: Int], path: (CivilDate) -> String) -> String {
        guard let first = CivilDate(year: year, month: 1, day: 1), let last = CivilDate(year: year, month: 12, day: 31)
        else { return "" }
        let (step, left, top) = (15, 30, 18)
        let offset = PageFormat.weekday(first)
        let most = max(1, counts.values.max() ?? 1)
        let weeks = (offset + last.daysSinceEpoch - first.daysSinceEpoch) / 7 + 1
        var svg =
            #"<svg class="year" role="group" aria-label="Events by day in \#(year)" "#
            + #"viewBox="0 0 \#(left + weeks * step) \#(top + 7 * step)">"#
        for (row, name) in [(0, "Mon"), (2, "Wed"), (4, "Fri"), (6, "Sun")] {
            svg += #"<text x="0" y="\#(top + row * step + 10)" aria-hidden="true">\#(name)</text>"#
        }
        for day in first.daysSinceEpoch...last.daysSinceEpoch {
            let date = CivilDate(daysSinceEpoch: day)
            let place = offset + day - first.daysSinceEpoch
            let (x, y) = (left + place / 7 * step, top + place % 7 * step)
            if date.fields.day == 1 {
                let name = PageFormat.months[date.fields.month - 1].prefix(3)
                svg += #"<text x="\#(x)" y="11" aria-hidden="true">\#(name)</text>"#
            }
            let count = counts[date]
            let cell = #"<rect class="level\#(level(count, most))" x="\#(x)" y="\#(y)" width="12" height="12" rx="2"/>"#
            if let count {
                let label = "\(PageFormat.date(date)): \(Display.count(count, "event"))"
                svg += #"<a href="\#(path(date))" aria-label="\#(label)"><title>\#(label)</title>\#(cell)</a>"#
            } else {
                svg += cell
            }
        }
        return svg + "</svg>"
    }

    /// Returns a shade from 0 to 4. It is logarithmic, so that one busy day does not make all others look the
    /// same.
    private static func level(_ count: Int?, _ most: Int) -> Int {
        guard let count, count > 0 else { return 0 }
        return min(4, 1 + Int(log(Double(count + 1)) / log(Double(most + 1)) * 3.999))
    }
}
