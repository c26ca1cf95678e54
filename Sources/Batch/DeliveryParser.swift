package import Archive
package import Spool
package import Webhooks

/// Makes the archive's line of a delivery, by the rules of a sweep.
package struct DeliveryParser: Sendable {
    package let environment: Environment
    let payloads: PayloadReader
    /// The request header that carries the sender's id, in lower case.
    let idHeader: String?

    init(environment: Environment, payloads: PayloadReader, idHeader: String?) {
        self.environment = environment
        self.payloads = payloads
        self.idHeader = idHeader
    }

    package init(_ environment: Environment, _ configuration: Sweep.Configuration) {
        self.init(
            environment: environment, payloads: PayloadReader(rules: configuration.rules),
            idHeader: configuration.idHeader)
    }

    /// Why a delivery cannot become an event.
    package struct Rejection: Error {
        /// The reason as the ledger records it: a code, a colon, and an explanation.
        package let reason: String
        /// The offset of the cause in the payload, in bytes.
        package let offset: Int?
    }

    /// Returns the line for the event that a delivery would become.
    package func line(
        id: DeliveryID, time: Timestamp, _ contents: EnvironmentSpool.Contents
    ) throws(Rejection) -> EventLine {
        guard let bytes = contents.payload else {
            throw Rejection(
                reason: "too-large: \(contents.size) bytes, and a payload may have \(EnvironmentSpool.payloadLimit)",
                offset: nil)
        }
        let payload: Payload
        do throws(PayloadFault) {
            payload = try payloads.read(bytes)
        } catch {
            throw Rejection(reason: error.reason, offset: error.offset)
        }
        let headers = try contents.headers.map(Self.headers)
        let key = idHeader.flatMap { headers?.values[$0] }.flatMap {
            !$0.isEmpty && CloudEventsText.allows($0) ? $0 : nil
        }
        return EventLine(
            id: id, environment: environment, type: payload.type, business: Business(payload.business), time: time,
            hash: contents.hash, pointer: payload.pointer, key: key ?? payload.senderID,
            reduced: payload.reducedHash.flatMap { $0 == contents.hash ? nil : $0 }, headers: headers?.text,
            payload: bytes)
    }

    /// Returns the id of the event that a delivery is a replay of, from its kept headers, or `nil`.
    package static func replayedEvent(_ line: EventLine) -> DeliveryID? {
        // Very few deliveries are replays, so the headers of the others are not decoded.
        guard let headers = line.headers, headers.contains(ReplayHeader.event),
            let values = DeliveryHeaders(sidecar: Array(headers.utf8))?.values, values[ReplayHeader.run] != nil
        else { return nil }
        return values[ReplayHeader.event].flatMap { DeliveryID($0) }
    }

    private static func headers(_ sidecar: [UInt8]) throws(Rejection) -> DeliveryHeaders {
        guard let headers = DeliveryHeaders(sidecar: sidecar) else {
            throw Rejection(
                reason: "bad-headers: the sidecar is not a JSON object of strings that CloudEvents allows", offset: nil)
        }
        return headers
    }
}
