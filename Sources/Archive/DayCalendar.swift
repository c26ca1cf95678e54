internal import Foundation
package import Webhooks

/// Computes the day of a receipt in an archive's time zone.
package struct DayCalendar: Sendable {
    private let zone: TimeZone
    private let isUTC: Bool

    /// Returns `nil` if this machine's time zone database does not have the name.
    package init?(timeZone: String) {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        self.zone = zone
        isUTC = timeZone == "UTC"
    }

    package func day(of time: Timestamp) -> CivilDate {
        let seconds = time.milliseconds.floored(by: 1000)
        let offset = isUTC ? 0 : zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        return CivilDate(daysSinceEpoch: Int((seconds + Int64(offset)).floored(by: 86_400)))
    }
}
