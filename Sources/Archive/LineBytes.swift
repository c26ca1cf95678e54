internal import Webhooks

/// Puts a line together, member by member.
struct LineBytes {
    private(set) var bytes: [UInt8] = []

    mutating func open(_ start: String) { bytes += start.utf8 }

    /// A member whose value needs no escape.
    mutating func add(_ name: String, plain value: String) {
        bytes += #","\#(name)":""#.utf8
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        bytes += #","\#(name)":"#.utf8
        JSONText.appendQuoted(value, to: &bytes)
    }

    mutating func add(_ name: String, number: Int) { bytes += #","\#(name)":\#(number)"#.utf8 }

    mutating func close(data: [UInt8]) {
        bytes += #","data":"#.utf8
        bytes += data
        close()
    }

    mutating func close() { bytes += "}\n".utf8 }
}
