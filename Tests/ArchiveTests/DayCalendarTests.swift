import Archive
import TestSupport
import Testing
import Webhooks

@Suite struct DayCalendarTests {
    @Test(arguments: [
        ("UTC", "2026-11-23T23:59:59.999Z", "2026-11-23"), ("UTC", "2026-11-24T00:00:00.000Z", "2026-11-24"),
        ("UTC", "1969-12-31T23:59:59.999Z", "1969-12-31"), ("UTC", "0000-01-01T00:00:00.000Z", "0000-01-01"),
        ("UTC", "9999-12-31T23:59:59.999Z", "9999-12-31"), ("UTC", "2024-02-29T12:00:00.000Z", "2024-02-29"),
        ("Africa/Lagos", "2026-11-23T22:59:59.999Z", "2026-11-23"),
        ("Africa/Lagos", "2026-11-23T23:00:00.000Z", "2026-11-24"),
        // Daylight saving begins on 8 March 2026, and ends on 1 November.
        ("America/New_York", "2026-03-08T04:59:59.999Z", "2026-03-07"),
        ("America/New_York", "2026-03-08T05:00:00.000Z", "2026-03-08"),
        ("America/New_York", "2026-03-09T03:59:59.999Z", "2026-03-08"),
        ("America/New_York", "2026-03-09T04:00:00.000Z", "2026-03-09"),
        ("America/New_York", "2026-11-01T03:59:59.999Z", "2026-10-31"),
        ("America/New_York", "2026-11-02T04:59:59.999Z", "2026-11-01"),
        ("America/New_York", "2026-11-02T05:00:00.000Z", "2026-11-02"),
        ("America/New_York", "1969-07-20T03:59:59.999Z", "1969-07-19"),
        // A day that Samoa left out, and a zone of a quarter of an hour.
        ("Pacific/Apia", "2011-12-30T09:59:59.999Z", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00:00.000Z", "2011-12-31"),
        ("Asia/Kathmandu", "2026-11-23T18:14:59.999Z", "2026-11-23"),
        ("Asia/Kathmandu", "2026-11-23T18:15:00.000Z", "2026-11-24"),
    ])
    func aReceiptIsOfTheDayThatItsZoneTells(_ zone: String, _ time: String, _ day: String) {
        #expect(DayCalendar(timeZone: zone)?.day(of: Timestamp(time)!).description == day)
    }

    @Test(arguments: ["UTC", "Africa/Lagos", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe"])
    func pythonComputesTheSameDays(_ zone: String) throws {
        var generator = SeededGenerator("\(#function), \(zone)")
        let seconds = (0..<300).map { _ in Int64.random(in: -1_500_000_000..<4_000_000_000, using: &generator) }
        let python = """
            import sys, zoneinfo
            from datetime import datetime, timedelta, timezone
            zone = zoneinfo.ZoneInfo(sys.argv[1])
            for line in sys.stdin:
                print((datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=int(line))).astimezone(zone).date())
            """
        let input = seconds.map { "\($0)\n" }.joined()
        let theirs = try run("python3", ["-c", python, zone], input: Array(input.utf8)).text
        let calendar = try #require(DayCalendar(timeZone: zone))
        let ours = seconds.map { "\(calendar.day(of: Timestamp(milliseconds: $0 * 1000)))\n" }.joined()
        #expect(ours == theirs)
    }

    @Test(arguments: ["", "Mars/Olympus", "../../etc/passwd", "Africa", "utc\0"]) func unknownTimeZonesAreRejected(
        _ name: String
    ) {
        #expect(DayCalendar(timeZone: name) == nil)
    }
}
