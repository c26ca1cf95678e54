/// A part of Daybook that reads untrusted bytes, and the checks that it must pass for any bytes.
///
/// libFuzzer searches for bytes that fail (`.ci/fuzz`). The tests run the seeds, and all inputs that it ever found.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A payload: it is read, minified, written to an archive line, and read back.
    case payload
    /// A line of an archive file.
    case eventLine = "event-line"
    /// A line of a ledger.
    case ledgerLine = "ledger-line"
    /// A compressed file.
    case gzip
    /// A list of changes, and the text of a compressed file to which they are made.
    case gzipMutation = "gzip-mutation"
    /// A length, and a block of a compressed file.
    case block
    /// A path, name, date, list of hashes, or pointer.
    case path
    /// One of Daybook's small JSON files.
    case record
    /// A condition on payloads, and after its LF a payload.
    case condition

    /// - Throws: ``CheckFailure`` if a check fails.
    package func check(_ bytes: [UInt8]) throws {
        switch self {
        case .payload:
            try PayloadChecks.read(bytes)
            try PayloadChecks.minify(bytes)
            try LineChecks.roundTrip(bytes)
        case .eventLine: try LineChecks.event(bytes)
        case .ledgerLine: try LineChecks.ledger(bytes)
        case .gzip: try GzipChecks.file(bytes)
        case .gzipMutation: try GzipChecks.mutation(bytes)
        case .block: try GzipChecks.block(bytes)
        case .path: try PathChecks.all(bytes)
        case .record: try RecordChecks.all(bytes)
        case .condition: try ConditionChecks.evaluate(bytes)
        }
    }
}
