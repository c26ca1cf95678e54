package import Webhooks

/// A line of an archive file in place of an event that is gone: what remains known of it, and its ``Tombstone``.
///
///     {"specversion":"1.0","id":…,"source":"/lehjah/<environment>","type":…,"subject":<business>,"time":…,
///      "sha256":<of the payload>,"size":<of the payload, in bytes>,"fingerprint":<what redeliveries are recognised by>,
///      "linehash":…,"gone":"erased","record":17}
///
/// It has no `data`, by which readers skip it. The fingerprint is there so that the event stays known: a later delivery
/// of it is a redelivery.
package struct EventTombstone: Equatable, Sendable {
    package var id: DeliveryID
    package var environment: Environment
    package var type: String
    package var business: Business
    /// The time of receipt.
    package var time: Timestamp
    /// The hash of the payload.
    package var hash: ContentHash
    /// The size of the payload, in bytes.
    package var size: Int
    package var fingerprint: Fingerprint
    package var tombstone: Tombstone

    package init(
        id: DeliveryID, environment: Environment, type: String, business: Business, time: Timestamp,
        hash: ContentHash, size: Int, fingerprint: Fingerprint, tombstone: Tombstone
    ) {
        self.id = id
        self.environment = environment
        self.type = type
        self.business = business
        self.time = time
        self.hash = hash
        self.size = size
        self.fingerprint = fingerprint
        self.tombstone = tombstone
    }

    package init(of event: EventLine, _ tombstone: Tombstone) {
        self.init(
            id: event.id, environment: event.environment, type: event.type, business: event.business, time: event.time,
            hash: event.hash, size: event.payload.count, fingerprint: event.fingerprint, tombstone: tombstone)
    }

    /// The line, including its LF.
    package var bytes: [UInt8] {
        var line = LineBytes()
        line.open(#"{"specversion":"1.0""#)
        line.add("id", id)
        line.add("source", plain: EventLine.sourceStart + environment.rawValue)
        line.add("type", type)
        line.add("subject", business.name)
        line.add("time", plain: time.description)
        line.add("sha256", hash)
        line.add("size", number: size)
        line.add("fingerprint", plain: Hex.encode(fingerprint.bytes))
        line.add(tombstone)
        line.close()
        return line.bytes
    }

    /// Returns whether a line of an archive file, without its LF, is a tombstone. It is not parsed.
    package static func isTombstone(_ line: UnsafeRawBufferPointer) -> Bool { Tombstone.canBe(line) }

    /// Parses a line of an archive file, without its LF. Returns `nil` if it is an event.
    package init?(_ line: some Collection<UInt8>) throws(LineFault) {
        let line = Array(line)
        let parsed = try line.span.withUnsafeBytes { line throws(LineFault) in try EventTombstone(line) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Parses a line of an archive file, without its LF. Returns `nil` if it is an event.
    package init?(_ line: UnsafeRawBufferPointer) throws(LineFault) {
        guard Tombstone.canBe(line) else { return nil }
        let members = try LineReader(line, before: nil)
        guard let tombstone = try Tombstone(members) else { throw LineFault("it has neither \"data\" nor \"gone\"") }
        let digits = try members.value("fingerprint").text
        guard let fingerprint = Hex.decode(digits.utf8)?.withUnsafeBytes({ Fingerprint(bytes: $0) }) else {
            throw LineFault("\"fingerprint\" is not 32 hex digits")
        }
        self.init(
            id: try members.id("id"), environment: try EventLineView.environment(members.value("source")),
            type: try members.value("type").text,
            business: Business(try members["subject"].map { value throws(LineFault) in try value.text }),
            time: try members.time("time"), hash: try members.hash("sha256"), size: try members.number("size"),
            fingerprint: fingerprint, tombstone: tombstone)
    }
}
