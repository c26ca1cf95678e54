internal import NIOCore
internal import NIOHTTP1
internal import Webhooks

/// An HTTP answer.
struct Answer {
    let status: HTTPResponseStatus
    var headers: HTTPHeaders
    let body: String

    private init(_ status: HTTPResponseStatus, type: String, _ body: String) {
        self.status = status
        self.body = body
        headers = ["Content-Type": type, "Content-Length": "\(body.utf8.count)"]
    }

    /// The delivery is on disk.
    static func stored(_ id: DeliveryID) -> Answer {
        Answer(.ok, type: "application/json", #"{"id":"\#(id)"}"# + "\n")
    }

    static func text(_ text: String) -> Answer {
        Answer(.ok, type: "text/plain; charset=utf-8", text + "\n")
    }

    /// Metrics, in the Prometheus text exposition format 0.0.4.
    static func metrics(_ text: String) -> Answer {
        Answer(.ok, type: "text/plain; version=0.0.4; charset=utf-8", text)
    }

    /// - Parameter allow: The methods that the path supports; only with 405.
    static func refused(_ rejection: Rejection, allow: String? = nil) -> Answer {
        var answer = Answer(rejection.status, type: "text/plain; charset=utf-8", rejection.sentence + "\n")
        switch rejection.status {
        case .serviceUnavailable: answer.headers.add(name: "Retry-After", value: "10")
        case .methodNotAllowed: answer.headers.add(name: "Allow", value: allow ?? "")
        // RFC 9110, section 15.5.2: a 401 must name a challenge.
        case .unauthorized: answer.headers.add(name: "WWW-Authenticate", value: "Webhook")
        default: break
        }
        return answer
    }
}

extension Timestamp {
    /// `Mon, 23 Nov 2026 21:14:48 GMT` (RFC 9110, section 5.6.7).
    var httpDate: String {
        let second = Int(milliseconds.floored(by: 1000))
        let days = second.floored(by: 86_400)
        let date = CivilDate(daysSinceEpoch: days).fields
        let time = "\(self)".dropFirst(11).prefix(8)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = date.day < 10 ? "0\(date.day)" : "\(date.day)"
        return "\(weekday), \(day) \(months[date.month - 1]) \("\(self)".prefix(4)) \(time) GMT"
    }
}
