internal import Archive
internal import DurableFiles
internal import Spool
internal import Webhooks

/// Reads and parses entries of one environment, on any thread.
struct EntryReader: Sendable {
    let spool: EnvironmentSpool
    let parser: DeliveryParser

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
        do throws(DeliveryParser.Rejection) {
            let line = try parser.line(id: entry.id, time: entry.time, contents)
            let start = lines.count
            let isKept = start + line.payload.count < room
            if isKept { line.write(to: &lines) }
            content = .event(
                ParsedDelivery.Event(
                    type: line.type, business: line.business, fingerprint: line.fingerprint,
                    replayed: DeliveryParser.replayedEvent(line), line: isKept ? UInt32(start) : nil))
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
}
