internal import Archive

/// The lines of one environment's events that the first pass of a sweep kept, by batch.
struct KeptLines: Sendable {
    private let start: Int
    private var batches: [[UInt8]] = []

    /// - Parameter start: The index of the first entry.
    init(start: Int) { self.start = start }

    /// Adds the lines of the next batch.
    mutating func append(_ lines: [UInt8]) { batches.append(lines) }

    /// Calls `body` with the line of an entry, including its LF.
    ///
    /// - Parameter offset: Where the line starts in the lines of the entry's batch.
    func withLine<Result>(
        of entry: SweepPlan.EntryIndex, at offset: UInt32, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try batches[(Int(entry) - start) / ReadBatch.size].withUnsafeBytes { lines in
            try body(UnsafeRawBufferPointer(rebasing: lines[Int(offset)...]).firstLine)
        }
    }
}
