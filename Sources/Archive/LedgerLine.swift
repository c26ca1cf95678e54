internal import Foundation
package import Webhooks

/// A line of a ledger: what became of a delivery that did not become an event, or of one that was set aside.
///
///     {"kind":"redelivery","id":…,"of":<id of the event>,"time":…,"sha256":…,"rawbody":<base64, where it differs>}
///     {"kind":"quarantine","id":…,"time":…,"sha256":…,"size":<bytes>,"reason":…,"at":<byte offset, where one is
///     known>}
///     {"kind":"release","id":…,"by":…,"at":<time>}
///     {"kind":"discard","id":…,"by":…,"at":<time>}
///
/// A ledger is of a business and a day of *receipt*. Within a sweep its lines stand by (receipt time, id).
package enum LedgerLine: Equatable, Sendable {
    case redelivery(Redelivery)
    case quarantine(Quarantine)
    case release(Decision)
    case discard(Decision)

    package struct Redelivery: Equatable, Sendable {
        package var id: DeliveryID
        package var of: DeliveryID
        package var time: Timestamp
        package var hash: ContentHash
        /// The payload, where it differs from its event's.
        package var differing: [UInt8]?

        package init(id: DeliveryID, of: DeliveryID, time: Timestamp, hash: ContentHash, differing: [UInt8]?) {
            self.id = id
            self.of = of
            self.time = time
            self.hash = hash
            self.differing = differing
        }
    }

    package struct Quarantine: Equatable, Sendable {
        package var id: DeliveryID
        package var time: Timestamp
        package var hash: ContentHash
        /// In bytes.
        package var size: Int
        package var reason: String
        /// Offset of the cause in the payload, in bytes.
        package var at: Int?

        package init(id: DeliveryID, time: Timestamp, hash: ContentHash, size: Int, reason: String, at: Int?) {
            self.id = id
            self.time = time
            self.hash = hash
            self.size = size
            self.reason = reason
            self.at = at
        }
    }

    /// What a person decided on a quarantined delivery.
    package struct Decision: Equatable, Sendable {
        package var id: DeliveryID
        package var by: String
        package var at: Timestamp

        package init(id: DeliveryID, by: String, at: Timestamp) {
            self.id = id
            self.by = by
            self.at = at
        }
    }

    package var id: DeliveryID {
        switch self {
        case .redelivery(let line): line.id
        case .quarantine(let line): line.id
        case .release(let line), .discard(let line): line.id
        }
    }

    /// The line, its LF included.
    package var bytes: [UInt8] {
        var line = LineBytes()
        switch self {
        case .redelivery(let it):
            line.open(#"{"kind":"redelivery""#)
            line.add("id", it.id)
            line.add("of", it.of)
            line.add("time", plain: it.time.description)
            line.add("sha256", it.hash)
            if let payload = it.differing { line.add("rawbody", plain: Data(payload).base64EncodedString()) }
        case .quarantine(let it):
            line.open(#"{"kind":"quarantine""#)
            line.add("id", it.id)
            line.add("time", plain: it.time.description)
            line.add("sha256", it.hash)
            line.add("size", number: it.size)
            line.add("reason", it.reason)
            if let at = it.at { line.add("at", number: at) }
        case .release(let it):
            line.open(#"{"kind":"release""#)
            line.add(it)
        case .discard(let it):
            line.open(#"{"kind":"discard""#)
            line.add(it)
        }
        line.close()
        return line.bytes
    }

    /// Reads a line, without its LF.
    package init(_ line: some Collection<UInt8>) throws(LineFault) {
        var reader = LineReader(line)
        let members = try reader.members(before: nil)
        func value(_ name: String) throws(LineFault) -> String {
            guard let value = members[name] else { throw LineFault("\"\(name)\" is missing") }
            return value
        }
        guard let id = DeliveryID(try value("id")) else { throw LineFault("\"id\" is no UUID") }
        func time(_ name: String) throws(LineFault) -> Timestamp {
            guard let time = Timestamp(try value(name)) else {
                throw LineFault("\"\(name)\" is no RFC 3339 time in ms, UTC")
            }
            return time
        }
        func hash() throws(LineFault) -> ContentHash {
            guard let hash = ContentHash(hex: try value("sha256")) else { throw LineFault("\"sha256\" is no SHA-256") }
            return hash
        }
        switch try value("kind") {
        case "redelivery":
            guard let of = DeliveryID(try value("of")) else { throw LineFault("\"of\" is no UUID") }
            var differing: [UInt8]?
            if let raw = members["rawbody"] {
                guard let data = Data(base64Encoded: raw) else { throw LineFault("\"rawbody\" is no base64") }
                differing = Array(data)
            }
            self = .redelivery(
                Redelivery(id: id, of: of, time: try time("time"), hash: try hash(), differing: differing))
        case "quarantine":
            guard let size = Int(try value("size")) else { throw LineFault("\"size\" is no number") }
            let at = try members["at"].map { text throws(LineFault) in
                guard let at = Int(text) else { throw LineFault("\"at\" is no number") }
                return at
            }
            self = .quarantine(
                Quarantine(
                    id: id, time: try time("time"), hash: try hash(), size: size, reason: try value("reason"), at: at))
        case "release": self = .release(Decision(id: id, by: try value("by"), at: try time("at")))
        case "discard": self = .discard(Decision(id: id, by: try value("by"), at: try time("at")))
        case let kind: throw LineFault("\"kind\" is \(kind), which this program does not know")
        }
    }
}

extension LineBytes {
    fileprivate mutating func add(_ decision: LedgerLine.Decision) {
        add("id", plain: decision.id.description)
        add("by", decision.by)
        add("at", plain: decision.at.description)
    }
}
