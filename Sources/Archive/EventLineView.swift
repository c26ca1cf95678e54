internal import Foundation
package import Webhooks

/// A line of an archive, parsed in place, for readers of very many lines. It must not outlive the line.
///
/// The format is that of ``EventLine``, but no code is shared with the writer.
package struct EventLineView {
    package let id: DeliveryID
    package let environment: Environment
    package let type: LineValue
    /// The business, or `nil` if unassigned.
    package let subject: LineValue?
    /// The time of receipt.
    package let time: Timestamp
    package let hash: ContentHash
    package let pointer: LineValue?
    package let key: LineValue?
    package let reduced: ContentHash?
    package let headers: LineValue?
    private let data: UnsafeRawBufferPointer
    /// The payload, if `data` is a minified copy of it.
    private let raw: [UInt8]?

    /// Parses a line, without its LF.
    ///
    /// The payload is not checked. The caller compares its hash with the line's.
    package init(_ line: UnsafeRawBufferPointer) throws(LineFault) {
        let members = try LineReader(line, before: "data")
        guard try members.value("specversion").equals("1.0"),
            try members.value("datacontenttype").equals("application/json")
        else {
            throw LineFault("it is not a CloudEvents 1.0 event with a JSON payload")
        }
        id = try members.id("id")
        environment = try Self.environment(members.value("source"))
        time = try members.time("time")
        hash = try members.hash("sha256")
        let data = try members.rest()
        self.data = data
        raw = try members["rawbody"].map { value throws(LineFault) in try Self.payload(value, minified: data) }
        reduced = try members["reduced"].map { _ throws(LineFault) in try members.hash("reduced") }
        type = try members.value("type")
        subject = members["subject"]
        pointer = members["pointer"]
        key = members["key"]
        headers = members["headers"]
    }

    static func environment(_ source: LineValue) throws(LineFault) -> Environment {
        if source.equals("/lehjah/production") { return .production }
        if source.equals("/lehjah/sandbox") { return .sandbox }
        throw LineFault("\"source\" names no environment")
    }

    private static func payload(
        _ base64: LineValue, minified data: UnsafeRawBufferPointer
    ) throws(LineFault) -> [UInt8] {
        guard let raw = Data(base64Encoded: try base64.text) else { throw LineFault("\"rawbody\" is not valid base64") }
        let payload = Array(raw)
        guard JSONText.minified(payload).elementsEqual(data) else {
            throw LineFault("\"data\" is not \"rawbody\" minified")
        }
        return payload
    }

    /// Calls `body` with the payload's bytes.
    package func withPayload<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        if let raw { try raw.withUnsafeBytes(body) } else { try body(data) }
    }

    /// The hash by which a redelivery of this event is recognised.
    package var fingerprint: Fingerprint {
        get throws(LineFault) {
            if let key { return Fingerprint(environment: environment, senderID: try key.text) }
            return Fingerprint(environment: environment, payloadHash: reduced ?? hash)
        }
    }
}

extension LineValue {
    fileprivate func equals(_ text: StaticString) -> Bool {
        equals(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
