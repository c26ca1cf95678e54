import Testing
import Webhooks

@Suite struct TimestampTests {
    // The expected texts come from `date -u -d @SECONDS`.
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
    func rejectsOtherForms(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func sortsLikeItsText() {
        let times = stride(from: Int64(-90_000_000), to: 90_000_000, by: 7_654_321).map(Timestamp.init(milliseconds:))
        #expect(times == times.sorted())
        #expect(times.map(\.description) == times.map(\.description).sorted())
    }
}
