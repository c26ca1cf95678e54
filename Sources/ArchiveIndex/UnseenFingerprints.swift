internal import GRDB
internal import Webhooks

/// The fingerprints that no event received in a time range has.
struct UnseenFingerprints {
    private let times: ClosedRange<Int64>
    private var filter: FingerprintFilter

    /// Reads the fingerprints of the days, or returns `nil` if that takes longer than the look-ups it would save.
    ///
    /// - Parameters:
    ///   - days: The days in the time range that may have events.
    ///   - deliveries: The number of deliveries that will be looked up, and may become events.
    ///   - lookUps: The number of look-ups by day that they would take.
    init?(
        _ db: Database, times: ClosedRange<Int64>, days: ClosedRange<Int64>, deliveries: Int, lookUps: Int
    ) throws {
        let events = try Self.count(db, days)
        // A look-up by day takes at least four times as long as one more row of a scan.
        guard events / 4 <= lookUps else { return nil }
        self.times = times
        filter = FingerprintFilter(count: events + deliveries)
        try DirectStatement(
            db,
            "SELECT fingerprint FROM events WHERE received / \(IndexSchema.day) BETWEEN ?1 AND ?2"
        ).forEach {
            $0.bind(1, days.lowerBound)
            $0.bind(2, days.upperBound)
        } _: { row in
            guard let fingerprint = Fingerprint(bytes: row.bytes(0)) else {
                throw IndexError.corrupt(db.description, "a fingerprint in events cannot be read")
            }
            filter.insert(fingerprint)
        }
    }

    /// Returns about how many events these days have; the number may be too high but not too low.
    private static func count(_ db: Database, _ days: ClosedRange<Int64>) throws -> Int {
        // In other time zones, a day begins up to a day before or after that of UTC.
        func day(_ number: Int64) -> String { CivilDate(daysSinceEpoch: Int(number)).description }
        let statement = try DirectStatement(
            db,
            "SELECT sum(archived + released) FROM sweep_days WHERE environment = ?1 AND day BETWEEN ?2 AND ?3")
        return try Environment.allCases.reduce(0) { count, environment in
            let found = try statement.first {
                $0.bind(1, text: environment.rawValue)
                $0.bind(2, text: day(days.lowerBound - 1))
                $0.bind(3, text: day(days.upperBound + 1))
            } _: {
                Int($0.int(0))
            }
            return count + (found ?? 0)
        }
    }

    /// Returns whether no event at these times has the fingerprint; `false` if that is not known.
    func holds(_ fingerprint: Fingerprint, at times: ClosedRange<Int64>) -> Bool {
        self.times.contains(times.lowerBound) && self.times.contains(times.upperBound) && !filter.mayHold(fingerprint)
    }

    /// Records the fingerprint of an added event, whenever it was received.
    mutating func see(_ fingerprint: Fingerprint) { filter.insert(fingerprint) }
}
