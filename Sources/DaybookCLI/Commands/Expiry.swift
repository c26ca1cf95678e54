internal import ArgumentParser
internal import Configuring
internal import Webhooks

/// When a token expires: after a time span from now, or on a day.
enum Expiry: ExpressibleByArgument {
    case after(TimeSpan)
    case on(CivilDate)

    init?(argument: String) {
        if let day = CivilDate(argument) {
            self = .on(day)
        } else if let span = TimeSpan(argument: argument), argument.last.map({ !$0.isNumber }) ?? false {
            self = .after(span)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String {
        switch self {
        case .after(let span): "\(span)"
        case .on(let day): "\(day)"
        }
    }

    func time(from now: Timestamp) throws -> Timestamp {
        let time: Timestamp
        switch self {
        case .after(let span):
            let (sum, overflow) = now.milliseconds.addingReportingOverflow(Int64(span.milliseconds))
            let latest: Int64 = 253_402_300_799_999
            time = Timestamp(milliseconds: overflow ? latest : min(sum, latest))
        case .on(let day): time = Timestamp(milliseconds: Int64(day.daysSinceEpoch) * 86_400_000)
        }
        guard time > now else { throw ValidationError("--expires \(time) is past") }
        return time
    }
}
