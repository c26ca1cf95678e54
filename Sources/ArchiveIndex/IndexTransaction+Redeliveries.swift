internal import Archive
internal import GRDB
package import Webhooks

extension IndexTransaction {
    /// Prepares for many calls of ``nearestEvent(_:to:within:)`` with deliveries received at `times`. It does not
    /// change what they return.
    ///
    /// Almost every delivery is new, so its fingerprint would be looked up on each day of the window in vain. If
    /// that takes longer than reading the fingerprints of those days once, they are read, and look-ups in vain
    /// are skipped.
    package func expect(_ deliveries: Int, at times: ClosedRange<Timestamp>, within window: Int64) throws {
        let times = Self.times(around: times.lowerBound.milliseconds...times.upperBound.milliseconds, within: window)
        let days = IndexSchema.days(times).clamped(to: try prepared.days.get() ?? 0...0)
        let daysOfWindow = IndexSchema.days(Self.times(around: 0...0, within: window))
        prepared.unseen = try UnseenFingerprints(
            db, times: times, days: days, deliveries: deliveries,
            lookUps: deliveries * min(days.count, daysOfWindow.count))
    }

    /// A window may be longer than all of time.
    private static func times(around times: ClosedRange<Int64>, within window: Int64) -> ClosedRange<Int64> {
        let window = min(window, 1 << 60)
        return (times.lowerBound - window)...(times.upperBound + window)
    }

    /// Returns the event with this fingerprint whose first receipt is nearest to `time`, or `nil` if there is
    /// none.
    ///
    /// - Parameter window: The largest distance from `time`, either way, in milliseconds.
    package func nearestEvent(
        _ fingerprint: Fingerprint, to time: Timestamp, within window: Int64
    ) throws -> RepeatedEvent? {
        let times = Self.times(around: time.milliseconds...time.milliseconds, within: window)
        guard let days = try prepared.days.get(), prepared.unseen?.holds(fingerprint, at: times) != true
        else { return nil }
        let statement = try prepared.nearestEvent.get()
        var nearest: (event: RepeatedEvent, archive: Int64)?
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
                    throw IndexError.corrupt(db.description, "a row of events cannot be read")
                }
                let event = RepeatedEvent(
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
