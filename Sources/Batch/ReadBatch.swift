internal import DurableFiles

/// Consecutive entries of the spool that one thread read in one go.
struct ReadBatch: Sendable {
    /// The most entries in a batch. Every batch but the last has this many, so the batch of an entry follows from its
    /// index.
    static let size = 64

    /// One result per entry, in order.
    var deliveries: [Result<ParsedDelivery, FileError>] = []
    /// The archive lines of the entries that can become events, one after another, each with its LF.
    var lines: [UInt8] = []

    /// Returns the ranges of consecutive entries that the batches of a portion cover.
    static func ranges(of indexes: Range<Int>) -> [Range<Int>] {
        stride(from: indexes.lowerBound, to: indexes.upperBound, by: size).map {
            $0..<min($0 + size, indexes.upperBound)
        }
    }
}
