internal import Archive
internal import Webhooks

enum RecordChecks {
    /// The computed properties of a record that can be read do not trap. Written again, it is read as the same record.
    static func all(_ bytes: [UInt8]) throws {
        if let record = try roundTrip(SweepRecord.self, bytes) {
            _ = record.total.areConserved
        }
        if let change = try? FileChange(bytes) {
            try require(try FileChange(change.bytes.dropLast()) == change, "a changed file is read differently")
            _ = change.growth
        }
        if let statement = try roundTrip(DayStatement.self, bytes) { _ = statement.counts.areConserved }
        if let leaf = try? Leaf(bytes, path: "leaf", in: "fuzzed") {
            let written = Leaf(path: "leaf", statement: leaf.statement)
            try require(try Leaf(written.bytes, path: "leaf", in: "fuzzed") == written, "a leaf is read differently")
        }
        if let block = TarBlock(bytes) {
            let entries = block.entries.flatMap { entry in
                TarEntry(path: entry.path, size: entry.bytes.count, modified: Timestamp(milliseconds: 0)).header
                    + entry.bytes + TarEntry.padding(after: entry.bytes.count)
            }
            try require(
                entries + (block.isLast ? TarEntry.end : []) == bytes, "a block of a .tar is written differently")
        }
    }

    private static func roundTrip<Value: Codable & Equatable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value? {
        guard let value = try? RecordCoding.decode(type, from: bytes, path: "fuzzed") else { return nil }
        let written = try RecordCoding.encode(value)
        let read = try RecordCoding.decode(type, from: written, path: "fuzzed")
        try require(read == value, "\(type) is read differently")
        try require(try RecordCoding.encode(read) == written, "\(type) is written differently")
        try require(written.firstIndex(of: UInt8(ascii: "\n")) == written.count - 1, "\(type) is not a single line")
        return value
    }
}
