internal import Foundation
package import Webhooks

/// Where the time of receipt of a delivery from elsewhere comes from.
package enum ReceiptTime: Sendable, CustomStringConvertible {
    /// A value of the item.
    case pointer(JSONPointer)
    /// The name of the file.
    case name
    /// The modification time of the file.
    case file
    /// One time for all.
    case fixed(Timestamp)

    /// Reads `name`, `file`, a JSON pointer, or a time. Returns `nil` for any other text.
    package init?(_ text: String) {
        switch text {
        case "name": self = .name
        case "file": self = .file
        default:
            if text.hasPrefix("/"), let pointer = try? JSONPointer(text) {
                self = .pointer(pointer)
            } else if let time = Self.time(text) {
                self = .fixed(time)
            } else {
                return nil
            }
        }
    }

    package var description: String {
        switch self {
        case .pointer(let pointer): pointer.description
        case .name: "name"
        case .file: "file"
        case .fixed(let time): time.description
        }
    }

    /// Reads a time: RFC 3339 with any offset and any number of decimals, of which three are kept; a date, which is its first
    /// moment in UTC; or 10 digits of seconds since 1970, with decimals or without, or 13 of milliseconds. Returns `nil` for any
    /// other text: a time without an offset, or a date without separators, might be taken for another time.
    static func time(_ text: String) -> Timestamp? {
        if let digits = text.wholeMatch(of: #/(\d{10}|\d{13})(?:\.(\d{1,9}))?/#), let whole = Int64(digits.1) {
            if digits.1.count == 13 { return Timestamp(milliseconds: whole) }
            return Timestamp(milliseconds: whole * 1000 + milliseconds(digits.2))
        }
        let form = #/(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?:[Zz]|([+-])(\d\d):?(\d\d)))?/#
        guard let parts = text.wholeMatch(of: form) else { return nil }
        guard let clock = parts.2 else { return Timestamp("\(parts.1)T00:00:00.000Z") }
        let offset = parts.4.flatMap { sign in parts.5.flatMap { hours in parts.6.map { "\(sign)\(hours):\($0)" } } }
        guard let time = InternetTime("\(parts.1)T\(clock)\(offset ?? "Z")") else { return nil }
        return Timestamp(milliseconds: time.microseconds / 1000 + milliseconds(parts.3))
    }

    /// Reads the time in the name of a file: a UUID of version 7, a time such as `2026-06-16T15:30:00Z`, `2026-06-16T15-30-00Z`
    /// or `20260616T153000.123Z`, or 10 digits of seconds or 13 of milliseconds since 1970. Returns `nil` if it has none.
    static func time(inName name: String) -> Timestamp? {
        let uuid = #/[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/#
        if let match = name.firstMatch(of: uuid), let time = DeliveryID(match.0.lowercased())?.time { return time }
        let form = #/(\d{4})-?(\d\d)-?(\d\d)[Tt_](\d\d)[:-]?(\d\d)[:-]?(\d\d)(?:[.,](\d{1,9}))?[Zz]/#
        if let parts = name.firstMatch(of: form),
            var time = Timestamp("\(parts.1)-\(parts.2)-\(parts.3)T\(parts.4):\(parts.5):\(parts.6).000Z")
        {
            time.milliseconds += milliseconds(parts.7)
            return time
        }
        let digits = #/(?:^|[^0-9])(\d{13}|\d{10})(?:[^0-9]|$)/#
        return name.firstMatch(of: digits).flatMap { time(String($0.1)) }
    }

    /// Returns the milliseconds that the decimals of a second begin with.
    private static func milliseconds(_ decimals: Substring?) -> Int64 {
        decimals.flatMap { Int64(($0 + "00").prefix(3)) } ?? 0
    }
}
