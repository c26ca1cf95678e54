import Testing
import Webhooks

@Suite struct CivilDateTests {
    @Test(arguments: [
        (0, "1970-01-01"), (-1, "1969-12-31"), (20_780, "2026-11-23"), (11_016, "2000-02-29"), (-25_509, "1900-02-28"),
        (-25_508, "1900-03-01"), (19_782, "2024-02-29"), (-719_528, "0000-01-01"), (-719_469, "0000-02-29"),
        (2_932_896, "9999-12-31"),
    ])
    func roundTrips(_ days: Int, _ text: String) {
        #expect(CivilDate(daysSinceEpoch: days).description == text)
        #expect(CivilDate(text)?.daysSinceEpoch == days)
    }

    /// Compares every day of twelve centuries with a plain implementation of the Gregorian rules.
    @Test func everyDayFollowsTheOneBefore() {
        var (year, month, day) = (1200, 1, 1)
        guard let first = CivilDate(year: year, month: month, day: day) else {
            Issue.record("no 1200-01-01")
            return
        }
        var wrong: [CivilDate] = []
        for days in first.daysSinceEpoch..<first.daysSinceEpoch + 1200 * 366 {
            let date = CivilDate(daysSinceEpoch: days)
            if date.fields != (year, month, day) || CivilDate(year: year, month: month, day: day) != date {
                wrong.append(date)
            }
            let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            day += 1
            if day > length { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    @Test(arguments: [
        "", "2026-11", "2026-11-23-", "2026-1-023", "2026-11-3", "26-11-23", "2026/11/23", "2026-02-29", "1900-02-29",
        "2026-04-31", "2026-00-01", "2026-13-01", "2026-01-00", "+026-11-23", "2026-+1-23", "-026-11-23", "2026-11-2３",
        "20261-1-23",
    ])
    func rejectsInvalidDates(_ text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test func divisionRoundsDown() {
        #expect([-5, -4, -1, 0, 3, 4].map { $0.floored(by: 4) } == [-2, -1, -1, 0, 0, 1])
    }
}
