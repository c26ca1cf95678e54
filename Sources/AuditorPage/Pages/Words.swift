internal import Archive
internal import Configuring
internal import Webhooks

/// Numbers, sizes and dates as people read them.
enum Words {
    /// `1,234,567`
    static func number(_ value: Int) -> String {
        var digits = Array(String(abs(value)))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (value < 0 ? "−" : "") + String(digits)
    }

    /// `12 events`, `1 event`
    static func counted(_ value: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number(value)) \(value == 1 ? one : many ?? "\(one)s")"
    }

    /// `5.2 kB`: units of 1,000.
    static func size(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["bytes", "kB", "MB", "GB"] {
            if value < 1000 {
                return unit == "bytes" ? counted(bytes, "byte") : "\((value * 10).rounded() / 10) \(unit)"
            }
            value /= 1000
        }
        return "\((value * 10).rounded() / 10) TB"
    }

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]

    /// From 0, Monday, on (ISO 8601).
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

    /// `Mon 23 November`, where the year stands above it.
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
