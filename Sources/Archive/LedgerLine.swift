internal import Foundation
package import Webhooks

/// A line of a ledger: a delivery that did not become an event, or a decision on one that was quarantined.
///
///     {"kind":"redelivery","id":…,"of":<id of the event>,"time":…,"sha256":…,"rawbody":<base64, where it differs>}
///     {"kind":"redelivery","id":…,"of":<id of the event>,"time":…,"sha256":…,"linehash":…,"gone":…,"record":<number>}
///     {"kind":"quarantine","id":…,"time":…,"sha256":…,"size":<bytes>,"reason":…,"at":<byte offset, where one is
///     known>}
///     {"kind":"release","id":…,"by":…,"at":<time>}
///     {"kind":"discard","id":…,"by":…,"at":<time>}
///
/// A ledger covers a business and a day of *receipt*. Within a sweep, its lines are ordered by (receipt time, id).
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
        /// The payload, if it differs from its event's and is not gone.
        package var differing: [UInt8]?
        /// What replaced the line, if its payload differed from its event's and is gone.
        package var tombstone: Tombstone?

        package init(
            id: DeliveryID, of: DeliveryID, time: Timestamp, hash: ContentHash, differing: [UInt8]?,
            tombstone: Tombstone? = nil
        ) {
            self.id = id
            self.of = of
            self.time = time
            self.hash = hash
            self.differing = differing
            self.tombstone = tombstone
        }
    }

    package struct Quarantine: Equatable, Sendable {
        package var id: DeliveryID
        package var time: Timestamp
        package var hash: ContentHash
        /// The size of the payload in bytes.
        package var size: Int
        package var reason: String
        /// The offset of the cause in the payload, in bytes.
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

    /// A person's decision on a quarantined delivery.
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

    /// The line, including its LF.
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
            if let tombstone = it.tombstone { line.add(tombstone) }
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

    /// Parses a line, without its LF.
    package init(_ line: some Collection<UInt8>) throws(LineFault) {
        let line = Array(line)
        self = try line.span.withUnsafeBytes { line throws(LineFault) in try LedgerLine(line) }
    }

    /// Parses a line, without its LF.
    package init(_ line: UnsafeRawBufferPointer) throws(LineFault) {
        let members = try LineReader(line, before: nil)
        let id = try members.id("id")
        func decision() throws(LineFault) -> Decision {
            Decision(id: id, by: try members.value("by").text, at: try members.time("at"))
        }
        switch try members.value("kind").text {
        case "redelivery":
            let differing = try members["rawbody"].map { value throws(LineFault) in
                guard let data = Data(base64Encoded: try value.text) else {
                    throw LineFault("\"rawbody\" is not valid base64")
                }
                return Array(data)
            }
            self = .redelivery(
                Redelivery(
                    id: id, of: try members.id("of"), time: try members.time("time"),
                    hash: try members.hash("sha256"), differing: differing, tombstone: try Tombstone(members)))
        case "quarantine":
            self = .quarantine(
                Quarantine(
                    id: id, time: try members.time("time"), hash: try members.hash("sha256"),
                    size: try members.number("size"), reason: try members.value("reason").text,
                    at: members["at"] == nil ? nil : try members.number("at")))
        case "release": self = .release(try decision())
        case "discard": self = .discard(try decision())
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
