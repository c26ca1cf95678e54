internal import Archive
internal import DurableFiles
internal import Spool
internal import Synchronization
internal import Webhooks

/// What reading an entry told of it, before the index is asked.
struct Reading: Sendable {
    let hash: ContentHash
    /// Of the payload, in bytes.
    let size: Int
    let verdict: Result<Fit, Unfit>

    /// What can become an event.
    struct Fit: Sendable {
        let type: String
        let business: Business
        let fingerprint: Fingerprint
        /// Where the archive's line begins in ``Portion/lines``; nil where there was no room to keep it.
        let line: UInt32?
    }

    /// Why a delivery cannot become an event.
    struct Unfit: Error {
        let reason: String
        let at: Int?
    }
}

/// What a thread read at a time: entries that follow one another.
struct Portion: Sendable {
    /// As many at most.
    static let most = 64

    var readings: [Result<Reading, FileError>] = []
    /// Lines of those that can become events, one after another.
    var lines: [UInt8] = []
}

/// Reads entries of one environment, on any thread.
struct EntryReader: Sendable {
    let part: EnvironmentSpool
    let reader: PayloadReader
    /// As of ``Sweep/Configuration``.
    let idHeader: String?

    /// - Parameter memory: for lines that are kept.
    func read(_ entries: ArraySlice<SpoolEntry>, memory: LineMemory) -> Portion {
        var portion = Portion()
        portion.readings.reserveCapacity(entries.count)
        let room = memory.isFull ? 0 : LineMemory.portion
        for entry in entries {
            do throws(FileError) {
                portion.readings.append(.success(try read(entry, lines: &portion.lines, room: room)))
            } catch {
                portion.readings.append(.failure(error))
            }
        }
        memory.take(portion.lines.count)
        return portion
    }

    /// - Parameters:
    ///   - lines: gets the entry's line, where it is shorter than `room`.
    private func read(
        _ entry: SpoolEntry, lines: inout [UInt8], room: Int
    ) throws(FileError) -> Reading {
        let contents = try part.read(entry)
        let verdict: Result<Reading.Fit, Reading.Unfit>
        do throws(Reading.Unfit) {
            let event = try event(entry, id: entry.id, contents)
            let start = lines.count
            let isKept = start + event.payload.count < room
            if isKept { event.write(to: &lines) }
            verdict = .success(
                Reading.Fit(
                    type: event.type, business: event.business, fingerprint: event.fingerprint,
                    line: isKept ? UInt32(start) : nil))
        } catch {
            verdict = .failure(error)
        }
        return Reading(hash: contents.hash, size: contents.size, verdict: verdict)
    }

    /// The payload of an entry that was read before.
    ///
    /// - Throws: ``BatchError/changed(_:)`` where it is another now.
    func contents(_ entry: SpoolEntry, prefix: UInt32) throws -> EnvironmentSpool.Contents {
        let contents = try part.read(entry)
        guard contents.hash.prefix == prefix else { throw BatchError.changed(part.new.path(of: entry.name.body)) }
        return contents
    }

    /// The event that a delivery would become.
    func event(
        _ entry: SpoolEntry, id: DeliveryID, _ contents: EnvironmentSpool.Contents
    ) throws(Reading.Unfit) -> EventLine {
        guard let bytes = contents.payload else {
            throw Reading.Unfit(
                reason: "too-large: \(contents.size) bytes, and a payload may have \(EnvironmentSpool.payloadLimit)",
                at: nil)
        }
        let payload: Payload
        do throws(PayloadFault) {
            payload = try reader.read(bytes)
        } catch {
            throw Reading.Unfit(reason: error.reason, at: error.offset)
        }
        let headers = try contents.headers.map(Self.headers)
        let key = idHeader.flatMap { headers?.values[$0] }.flatMap {
            !$0.isEmpty && CloudEventsText.allows($0) ? $0 : nil
        }
        return EventLine(
            id: id, environment: part.environment, type: payload.type, business: Business(payload.business),
            time: entry.time, hash: contents.hash, pointer: payload.pointer, key: key ?? payload.senderID,
            reduced: payload.reducedHash.flatMap { $0 == contents.hash ? nil : $0 }, headers: headers?.text,
            payload: bytes)
    }

    private static func headers(_ sidecar: [UInt8]) throws(Reading.Unfit) -> DeliveryHeaders {
        guard let headers = DeliveryHeaders(sidecar: sidecar) else {
            throw Reading.Unfit(
                reason: "bad-headers: the sidecar is no JSON object of strings that CloudEvents allows", at: nil)
        }
        return headers
    }
}

/// How much memory is left for lines between the two passes of a sweep.
final class LineMemory: Sendable {
    private let left: Atomic<Int>

    init(bytes: Int) { left = Atomic(bytes) }

    var isFull: Bool { left.load(ordering: .relaxed) <= 0 }

    /// May take more than there is, by a portion for each thread.
    func take(_ bytes: Int) { left.wrappingSubtract(bytes, ordering: .relaxed) }

    /// For the lines of one portion, in bytes; the last may go beyond it.
    static let portion = 1 << 20
}
