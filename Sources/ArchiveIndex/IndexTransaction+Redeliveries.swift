package import Archive
internal import GRDB
package import Webhooks

/// The event that a delivery repeats.
package struct NearestEvent: Equatable, Sendable {
    package var row: Int64
    package var id: DeliveryID
    /// Of first receipt.
    package var time: Timestamp
    package var hash: ContentHash
    package var business: Business
}

extension IndexTransaction {
    /// Prepares for many calls of ``nearestEvent(_:to:within:)``, for deliveries received at `times`. What is found does
    /// not depend on it.
    ///
    /// Almost every delivery is new, and its fingerprint would be looked up on each day of the window in vain. Where that
    /// takes longer, the fingerprints of those days are read once, and look-ups that would be in vain are spared.
    package func expect(_ deliveries: Int, at times: ClosedRange<Timestamp>, within window: Int64) throws {
        let times = Self.times(around: times.lowerBound.milliseconds...times.upperBound.milliseconds, within: window)
        let days = IndexSchema.days(times).clamped(to: try prepared.days.get() ?? 0...0)
        let daysOfWindow = IndexSchema.days(Self.times(around: 0...0, within: window))
        prepared.unseen = try UnseenFingerprints(
            db, times: times, days: days, deliveries: deliveries,
            lookUps: deliveries * min(days.count, daysOfWindow.count))
    }

    /// A window may be longer than all time.
    private static func times(around times: ClosedRange<Int64>, within window: Int64) -> ClosedRange<Int64> {
        let window = min(window, 1 << 60)
        return (times.lowerBound - window)...(times.upperBound + window)
    }

    /// The event of this fingerprint whose first receipt is nearest to `time`; nil where there is none.
    ///
    /// - Parameter window: how far from `time` it may lie, either way, in milliseconds.
    package func nearestEvent(
        _ fingerprint: Fingerprint, to time: Timestamp, within window: Int64
    ) throws -> NearestEvent? {
        let times = Self.times(around: time.milliseconds...time.milliseconds, within: window)
        guard let days = try prepared.days.get(), prepared.unseen?.holds(fingerprint, at: times) != true
        else { return nil }
        let statement = try prepared.nearestEvent.get()
        var nearest: (event: NearestEvent, archive: Int64)?
        for day in IndexSchema.days(times).clamped(to: days) {
            try statement.forEach {
                $0.bind(1, day)
                $0.bind(2, fingerprint)
            } _: { row in
                let received = row.int(2)
                let distance = abs(received - time.milliseconds)
                guard times.contains(received) else { return }
                if let (event, _) = nearest {
                    let least = abs(event.time.milliseconds - time.milliseconds)
                    guard (distance, row.int(0)) < (least, event.row) else { return }
                }
                guard let id = row.text(1).flatMap({ DeliveryID($0) }), let hash = row.hash(3) else {
                    throw IndexError.corrupt(db.description, "a row of events does not read")
                }
                let event = NearestEvent(
                    row: row.int(0), id: id, time: Timestamp(milliseconds: received), hash: hash,
                    business: .unassigned)
                nearest = (event, row.int(4))
            }
        }
        guard case (var event, let archive)? = nearest else { return nil }
        event.business = try Business(
            String.fetchOne(
                db.cachedStatement(sql: "SELECT business FROM archives WHERE archive = ?"), arguments: [archive]))
        return event
    }
}

/// Which fingerprints no event has that was received in a span of time.
struct UnseenFingerprints {
    private let times: ClosedRange<Int64>
    private var filter: FingerprintFilter

    /// nil where it takes longer to read the fingerprints of those days than to make the look-ups that it spares.
    ///
    /// - Parameters:
    ///   - days: those of the span of which there may be events.
    ///   - deliveries: how many will be looked for, and perhaps become events.
    ///   - lookUps: how many of a day that would take.
    init?(
        _ db: Database, times: ClosedRange<Int64>, days: ClosedRange<Int64>, deliveries: Int, lookUps: Int
    ) throws {
        let events = try Self.count(db, days)
        // A look-up of a day takes four times as long as one more row of a scan, or longer.
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
                throw IndexError.corrupt(db.description, "a fingerprint of events does not read")
            }
            filter.insert(fingerprint)
        }
    }

    /// About how many events there are of these days; none is left out.
    private static func count(_ db: Database, _ days: ClosedRange<Int64>) throws -> Int {
        // The days of a time zone begin up to a day before those of UTC, or after them.
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

    /// Whether the fingerprint is certainly unseen at these times; false where that is not known.
    func holds(_ fingerprint: Fingerprint, at times: ClosedRange<Int64>) -> Bool {
        self.times.contains(times.lowerBound) && self.times.contains(times.upperBound) && !filter.mayHold(fingerprint)
    }

    /// Notes the fingerprint of an event, whenever it was received.
    mutating func see(_ fingerprint: Fingerprint) { filter.insert(fingerprint) }
}
