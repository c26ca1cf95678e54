internal import Archive
internal import DurableFiles
internal import Spool
internal import Webhooks

/// Reads and parses entries of one environment, on any thread.
struct EntryReader: Sendable {
    let spool: EnvironmentSpool
    let payloads: PayloadReader
    /// The request header that carries the sender's id, in lower case.
    let idHeader: String?

    /// Reads consecutive entries. An entry that cannot be read yields its error, and the others are read all the same.
    ///
    /// - Parameter memory: The memory for lines to keep; once it is full, batches keep none.
    func read(_ entries: ArraySlice<SpoolEntry>, memory: LineMemory) -> ReadBatch {
        var batch = ReadBatch()
        batch.deliveries.reserveCapacity(entries.count)
        let room = memory.isFull ? 0 : LineMemory.batch
        for entry in entries {
            do throws(FileError) {
                batch.deliveries.append(.success(try read(entry, keepingLineIn: &batch.lines, below: room)))
            } catch {
                batch.deliveries.append(.failure(error))
            }
        }
        memory.take(batch.lines.count)
        return batch
    }

    private func read(
        _ entry: SpoolEntry, keepingLineIn lines: inout [UInt8], below room: Int
    ) throws(FileError) -> ParsedDelivery {
        let contents = try spool.read(entry)
        let content: ParsedDelivery.Content
        do throws(ParsedDelivery.Rejection) {
            let line = try line(for: entry, id: entry.id, contents)
            let start = lines.count
            let isKept = start + line.payload.count < room
            if isKept { line.write(to: &lines) }
            content = .event(
                ParsedDelivery.Event(
                    type: line.type, business: line.business, fingerprint: line.fingerprint,
                    replayed: line.headers.flatMap(Self.replayedEvent), line: isKept ? UInt32(start) : nil))
        } catch {
            content = .rejected(error)
        }
        return ParsedDelivery(hash: contents.hash, size: contents.size, content: content)
    }

    /// Reads an entry a second time.
    ///
    /// - Parameter prefix: The first 4 bytes of the hash that its payload had the first time.
    /// - Throws: ``BatchError/changed(_:)`` if the payload has changed.
    func contents(_ entry: SpoolEntry, prefix: UInt32) throws -> EnvironmentSpool.Contents {
        let contents = try spool.read(entry)
        guard contents.hash.prefix == prefix else { throw BatchError.changed(spool.new.path(of: entry.name.body)) }
        return contents
    }

    /// Returns the archive's line for the event that a delivery would become.
    func line(
        for entry: SpoolEntry, id: DeliveryID, _ contents: EnvironmentSpool.Contents
    ) throws(ParsedDelivery.Rejection) -> EventLine {
        guard let bytes = contents.payload else {
            throw ParsedDelivery.Rejection(
                reason: "too-large: \(contents.size) bytes, and a payload may have \(EnvironmentSpool.payloadLimit)",
                offset: nil)
        }
        let payload: Payload
        do throws(PayloadFault) {
            payload = try payloads.read(bytes)
        } catch {
            throw ParsedDelivery.Rejection(reason: error.reason, offset: error.offset)
        }
        let headers = try contents.headers.map(Self.headers)
        let key = idHeader.flatMap { headers?.values[$0] }.flatMap {
            !$0.isEmpty && CloudEventsText.allows($0) ? $0 : nil
        }
        return EventLine(
            id: id, environment: spool.environment, type: payload.type, business: Business(payload.business),
            time: entry.time, hash: contents.hash, pointer: payload.pointer, key: key ?? payload.senderID,
            reduced: payload.reducedHash.flatMap { $0 == contents.hash ? nil : $0 }, headers: headers?.text,
            payload: bytes)
    }

    /// Returns the id of the event that a delivery is a replay of, from its kept headers.
    private static func replayedEvent(_ headers: String) -> DeliveryID? {
        // Very few deliveries are replays, so the headers of the others are not decoded.
        guard headers.contains(ReplayHeader.event), let values = DeliveryHeaders(sidecar: Array(headers.utf8))?.values,
            values[ReplayHeader.run] != nil
        else { return nil }
        return values[ReplayHeader.event].flatMap { DeliveryID($0) }
    }

    private static func headers(_ sidecar: [UInt8]) throws(ParsedDelivery.Rejection) -> DeliveryHeaders {
        guard let headers = DeliveryHeaders(sidecar: sidecar) else {
            throw ParsedDelivery.Rejection(
                reason: "bad-headers: the sidecar is no JSON object of strings that CloudEvents allows", offset: nil)
        }
        return headers
    }
}
