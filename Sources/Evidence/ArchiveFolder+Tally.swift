internal import Archive
internal import DurableFiles

extension ArchiveFolder {
    /// Returns the counts of the lines of a ledger.
    func tally(ofLedger file: GzipReference) throws -> Counts {
        var counts = Counts()
        var scanner = try GzipScanner(GzipFile(file, in: self))
        while let block = try scanner.next() {
            for line in block.text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                do {
                    switch try LedgerLine(line) {
                    case .redelivery: counts.redelivered += 1
                    case .quarantine: counts.quarantined += 1
                    case .release: counts.released += 1
                    case .discard: counts.discarded += 1
                    }
                } catch {
                    throw ArchiveError.differs(root.path(of: file.path), "a line cannot be parsed: \(error)")
                }
            }
        }
        return counts
    }
}
