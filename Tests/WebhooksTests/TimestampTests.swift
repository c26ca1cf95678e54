import Testing
import Webhooks

@Suite struct TimestampTests {
    // `date -u -d @SECONDS`.
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1, "1970-01-01T00:00:00.001Z"),
            (1_795_468_488_704, "2026-11-23T21:14:48.704Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-86_400_001, "1969-12-30T23:59:59.999Z"),
        ] as [(Int64, String)])
    func roundTrips(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-11-23T21:14:48Z", "2026-11-23T21:14:48.70Z", "2026-11-23T21:14:48.704",
        "2026-11-23T21:14:48.704+00:00", "2026-11-23 21:14:48.704Z", "2026-11-23t21:14:48.704z",
        "2026-11-23T24:00:00.000Z", "2026-11-23T23:60:00.000Z", "2026-12-31T23:59:60.000Z", "2026-11-31T00:00:00.000Z",
        "2026-02-29T00:00:00.000Z", "2026-00-10T00:00:00.000Z", "2026-13-10T00:00:00.000Z", "2026-11-00T00:00:00.000Z",
        "+026-11-23T21:14:48.704Z", "2026-11-23T21:14:48,704Z", "2026-11-23T21:1a:48.704Z", "２026-11-23T21:14:48.7Z",
    ])
    func refusesOtherForms(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func theOrderIsThatOfTheText() {
        let times = stride(from: Int64(-90_000_000), to: 90_000_000, by: 7_654_321).map(Timestamp.init(milliseconds:))
        #expect(times == times.sorted())
        #expect(times.map(\.description) == times.map(\.description).sorted())
    }
}

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

    /// Every day of twelve centuries follows the one before it, by the calendar's rule as it is taught.
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
    func refusesWhatIsNoDate(_ text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test func divisionRoundsDown() {
        #expect([-5, -4, -1, 0, 3, 4].map { $0.floored(by: 4) } == [-2, -1, -1, 0, 0, 1])
    }
}
