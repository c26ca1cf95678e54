/// Something that reads what strangers may write, and what must hold of it whatever the bytes.
///
/// libFuzzer looks for bytes where it does not (`.ci/fuzz`); the tests ask the seeds, and all that it ever found.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A payload: read, tightened, and through a line of an archive and back.
    case payload
    /// A line of an archive.
    case eventLine = "event-line"
    /// A line of a ledger.
    case ledgerLine = "ledger-line"
    /// A compressed file.
    case gzip
    /// What changes, and then the text of a compressed file that it changes.
    case gzipMutation = "gzip-mutation"
    /// A length, and then a block of a compressed file.
    case block
    /// Text: paths, names, dates, lists of hashes, pointers.
    case path
    /// One of Daybook's small JSON files.
    case record

    /// - Throws: ``Broken``, where something does not hold.
    package func check(_ bytes: [UInt8]) throws {
        switch self {
        case .payload:
            try PayloadChecks.read(bytes)
            try PayloadChecks.tightened(bytes)
            try LineChecks.roundTrip(bytes)
        case .eventLine: try LineChecks.event(bytes)
        case .ledgerLine: try LineChecks.ledger(bytes)
        case .gzip: try GzipChecks.file(bytes)
        case .gzipMutation: try GzipChecks.mutation(bytes)
        case .block: try GzipChecks.block(bytes)
        case .path: try PathChecks.all(bytes)
        case .record: try RecordChecks.all(bytes)
        }
    }
}

/// Something that does not hold.
package struct Broken: Error, CustomStringConvertible {
    package let description: String
}

func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    guard condition else { throw Broken(description: what()) }
}
