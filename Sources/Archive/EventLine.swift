internal import Foundation
package import Webhooks

/// A line of an archive: one event, as a CloudEvents 1.0 event in JSON format, with `data` as its last member.
///
///     {"specversion":"1.0","id":…,"source":"/lehjah/<environment>","type":…,"subject":<business>,"time":…,
///      "datacontenttype":"application/json","sha256":<of the payload>,"pointer":<where the business was found>,
///      "key":<the sender's id>,"reduced":<SHA-256 of the payload less what is ignored>,
///      "headers":<a JSON object in a string>,"rawbody":<base64 of the payload>,"data":<payload>}
///
/// Members without a value are left out. The payload is the bytes between the first `,"data":` and the final `}`,
/// byte for byte. If it contains LF or CR, `data` is the minified payload, and `rawbody` is the payload. No other
/// value can contain `,"data":`, since a quote within a JSON string is escaped.
package struct EventLine: Equatable, Sendable {
    package var id: DeliveryID
    package var environment: Environment
    package var type: String
    package var business: Business
    /// The time of receipt.
    package var time: Timestamp
    package var hash: ContentHash
    package var pointer: String?
    package var key: String?
    /// The hash of the payload without the ignored members, if it has any of them.
    package var reduced: ContentHash?
    package var headers: String?
    package var payload: [UInt8]

    package init(
        id: DeliveryID, environment: Environment, type: String, business: Business, time: Timestamp, hash: ContentHash,
        pointer: String?, key: String?, reduced: ContentHash?, headers: String?, payload: [UInt8]
    ) {
        self.id = id
        self.environment = environment
        self.type = type
        self.business = business
        self.time = time
        self.hash = hash
        self.pointer = pointer
        self.key = key
        self.reduced = reduced
        self.headers = headers
        self.payload = payload
    }

    /// The hash by which a redelivery of this event is recognised.
    package var fingerprint: Fingerprint {
        if let key { return Fingerprint(environment: environment, senderID: key) }
        return Fingerprint(environment: environment, payloadHash: reduced ?? hash)
    }

    /// The line, including its LF.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + Self.room)
        write(to: &bytes)
        return bytes
    }

    /// Appends the line, including its LF.
    package func write(to bytes: inout [UInt8]) {
        let broken = payload.withUnsafeBytes {
            $0.first(UInt8(ascii: "\n")) != nil || $0.first(UInt8(ascii: "\r")) != nil
        }
        var line = LineBytes(after: &bytes)
        line.open(#"{"specversion":"1.0""#)
        line.add("id", id)
        line.add("source", plain: Self.sourceStart + environment.rawValue)
        line.add("type", type)
        line.add("subject", business.name)
        line.add("time", plain: time.description)
        line.add("datacontenttype", plain: "application/json")
        line.add("sha256", hash)
        line.add("pointer", pointer)
        line.add("key", key)
        if let reduced { line.add("reduced", reduced) }
        line.add("headers", headers)
        if broken { line.add("rawbody", plain: Data(payload).base64EncodedString()) }
        line.close(data: broken ? JSONText.minified(payload) : payload)
        line.end(in: &bytes)
    }

    /// The approximate size in bytes of all members except the payload.
    private static let room = 384

    static let sourceStart = "/lehjah/"

    /// Parses a line, without its LF.
    ///
    /// The payload is not checked. The caller compares its hash with the line's.
    package init(_ line: some Collection<UInt8>) throws(LineFault) {
        let line = Array(line)
        self = try line.span.withUnsafeBytes { line throws(LineFault) in try EventLine(EventLineView(line)) }
    }

    /// Returns the value of `data` in a line without its LF: the payload, minified if it has line breaks.
    package static func data(in line: UnsafeRawBufferPointer) throws(LineFault) -> UnsafeRawBufferPointer {
        try LineReader(line, before: "data").rest()
    }

    private init(_ view: EventLineView) throws(LineFault) {
        func text(_ value: LineValue?) throws(LineFault) -> String? {
            try value.map { value throws(LineFault) in try value.text }
        }
        self.init(
            id: view.id, environment: view.environment, type: try view.type.text,
            business: Business(try text(view.subject)), time: view.time, hash: view.hash,
            pointer: try text(view.pointer), key: try text(view.key), reduced: view.reduced,
            headers: try text(view.headers), payload: view.withPayload { Array($0) })
    }
}
