internal import Archive
internal import Configuring
internal import Webhooks

/// Dates, times, and business names as the page shows them.
enum PageFormat {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]

    /// The day of the week, from 0 for Monday (ISO 8601).
    static func weekday(_ day: CivilDate) -> Int {
        // 1970-01-01 was a Thursday.
        let days = day.daysSinceEpoch + 3
        return days - days.floored(by: 7) * 7
    }

    /// `23 November 2026`
    static func date(_ day: CivilDate) -> String {
        let fields = day.fields
        return "\(fields.day) \(months[fields.month - 1]) \(fields.year)"
    }

    /// `Monday, 23 November 2026`
    static func longDate(_ day: CivilDate) -> String { "\(weekdays[weekday(day)]), \(date(day))" }

    /// `Mon 23 November`, for use below a heading that has the year.
    static func dayOfMonth(_ day: CivilDate) -> String {
        let fields = day.fields
        return "\(weekdays[weekday(day)].prefix(3)) \(fields.day) \(months[fields.month - 1])"
    }

    /// `2026-11-23 21:14:48.704 UTC`
    static func time(_ time: Timestamp) -> String {
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).dropLast()) UTC"
    }

    static func name(_ business: Business) -> String {
        switch business {
        case .named(let name): VisibleText.line(name)
        case .unassigned: "Without a business"
        }
    }
}
