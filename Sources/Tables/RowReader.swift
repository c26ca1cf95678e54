internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// Reads rows of a table from lines of archives.
struct RowReader: Sendable {
    private let fields: PayloadFields

    init(_ columns: TableColumns) { fields = PayloadFields(columns.ofPointers.map(\.pointer)) }

    /// Appends the row of an event.
    ///
    /// - Parameters:
    ///   - line: The line without its LF.
    ///   - known: What the index knows of it.
    /// - Returns: The indexes of the pointers whose value does not fit the type of its column.
    /// - Throws: ``LineFault`` or ``PayloadFault`` if the line is not as Daybook wrote it. Nothing is appended then.
    func append(
        _ line: UnsafeRawBufferPointer, known: IndexedLine, of archive: IndexedFile, to batch: inout ColumnBatch
    ) throws -> [Int] {
        let event = try EventLineView(line)
        let (type, business) = (try event.type.text, try event.subject?.text)
        let (pointer, key, headers) = (try event.pointer?.text, try event.key?.text, try event.headers?.text)
        let values = fields.pointers.isEmpty ? [] : try event.withPayload { try fields.read($0) }
        return batch.appendRow { columns in
            for (index, column) in FixedColumn.allCases.enumerated() {
                switch column {
                case .id: columns[index].append(text: event.id.description)
                case .time: columns[index].append(event.time.milliseconds * 1000)
                case .environment: columns[index].append(text: event.environment.rawValue)
                case .business: columns[index].append(text: business)
                case .day: columns[index].append(Int32(archive.day.daysSinceEpoch))
                case .type: columns[index].append(text: type)
                case .sha256: columns[index].append(text: event.hash.description)
                case .pointer: columns[index].append(text: pointer)
                case .key: columns[index].append(text: key)
                case .headers: columns[index].append(text: headers)
                case .redeliveries: columns[index].append(Int64(known.redeliveries))
                case .sweep: columns[index].append(Int64(known.sweep))
                case .payload: event.withPayload { columns[index].append(text: $0) }
                }
            }
            return values.indices.filter { !columns[FixedColumn.allCases.count + $0].append(values[$0]) }
        }
    }
}
