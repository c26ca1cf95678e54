internal import Archive
internal import Spool
internal import Webhooks

/// Writes the planned lines of one environment, on any thread.
struct LineWriter: Sendable {
    let reader: EntryReader
    let entries: ArraySlice<SpoolEntry>
    let lines: KeptLines
    let redeliveries: [LedgerLine.Redelivery]
    let quarantines: [LedgerLine.Quarantine]

    func write(_ item: SweepPlan.Item, to appender: inout GzipAppender) throws {
        let entry = entries[Int(item.entry)]
        switch item.outcome {
        case .keptLine(let offset):
            try lines.withLine(of: item.entry, at: offset) { try appender.append($0) }
        case .event(let prefix):
            let contents = try reader.contents(entry, prefix: prefix)
            try appender.append(reader.parser.line(id: entry.id, time: entry.time, contents).bytes)
        case .redelivery(let index):
            var redelivery = redeliveries[Int(index)]
            if redelivery.differing != nil {
                redelivery.differing = try reader.contents(entry, prefix: redelivery.hash.prefix).payload
            }
            try appender.append(LedgerLine.redelivery(redelivery).bytes)
        case .quarantine(let index):
            try appender.append(LedgerLine.quarantine(quarantines[Int(index)]).bytes)
        }
    }
}
