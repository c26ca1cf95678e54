internal import Archive

enum RecordChecks {
    /// A record that is read can be asked all that the program asks it, and is read the same when it is written again.
    static func all(_ bytes: [UInt8]) throws {
        if let record = try again(SweepRecord.self, bytes) {
            _ = (record.total.areConserved, record.compressed)
            for change in record.files { _ = (change.lines[1], change.text[1], change.gzip[1]) }
        }
        if let statement = try again(DayStatement.self, bytes) { _ = statement.counts.areConserved }
        _ = try again(LeafStatement.self, bytes)
    }

    private static func again<Value: Codable & Equatable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value? {
        guard let value = try? RecordCoding.decode(type, from: bytes, path: "fuzzed") else { return nil }
        let written = try RecordCoding.encode(value)
        let read = try RecordCoding.decode(type, from: written, path: "fuzzed")
        try hold(read == value, "\(type) is read as another")
        try hold(try RecordCoding.encode(read) == written, "\(type) is written otherwise")
        try hold(written.firstIndex(of: UInt8(ascii: "\n")) == written.count - 1, "\(type) is not one line")
        return value
    }
}
