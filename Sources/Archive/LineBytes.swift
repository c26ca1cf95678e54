internal import Webhooks

/// Builds a line, member by member.
struct LineBytes {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// Appends a line to these bytes without copying them, and leaves the array empty.
    init(after bytes: inout [UInt8]) { swap(&self.bytes, &bytes) }

    /// Returns the bytes: those that were there, then the line's.
    mutating func end(in bytes: inout [UInt8]) { swap(&self.bytes, &bytes) }

    mutating func open(_ start: StaticString) { add(start) }

    /// Begins a line with its first member.
    mutating func open(first name: StaticString, _ value: String) {
        bytes += [UInt8(ascii: "{"), UInt8(ascii: "\"")]
        add(name)
        bytes += [UInt8(ascii: "\""), UInt8(ascii: ":")]
        JSONText.appendQuoted(value, to: &bytes)
    }

    /// Begins a line, or an object within it, with its first member.
    mutating func open(first name: StaticString, number: Int) {
        bytes += [UInt8(ascii: "{"), UInt8(ascii: "\"")]
        add(name)
        bytes += [UInt8(ascii: "\""), UInt8(ascii: ":")]
        bytes.append(contentsOf: String(number).utf8)
    }

    /// Appends a member whose value needs no escaping.
    mutating func add(_ name: StaticString, plain value: String) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ name: StaticString, _ value: DeliveryID) {
        add(name, count: DeliveryID.textCount, value.write)
    }

    mutating func add(_ name: StaticString, _ value: ContentHash) {
        add(name, count: ContentHash.textCount, value.write)
    }

    mutating func add(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        begin(name)
        JSONText.appendQuoted(value, to: &bytes)
    }

    mutating func add(_ name: StaticString, number: Int) {
        begin(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    mutating func close(data: [UInt8]) {
        begin("data")
        bytes += data
        close()
    }

    mutating func close() { bytes += [UInt8(ascii: "}"), UInt8(ascii: "\n")] }

    private mutating func begin(_ name: StaticString) {
        bytes += [UInt8(ascii: ","), UInt8(ascii: "\"")]
        add(name)
        bytes += [UInt8(ascii: "\""), UInt8(ascii: ":")]
    }

    private mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func add(
        _ name: StaticString, count: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Void
    ) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { text in
            write(text)
            bytes.append(contentsOf: text)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
