internal import Webhooks

/// The header of a file in a `.tar`, in GNU's format (GNU tar's manual, "Basic Tar Format").
struct TarEntry {
    let path: String
    /// The size of a block, in bytes.
    let size: Int
    let modified: Timestamp

    private static let unit = 512

    /// Returns the zeros that fill the last block.
    static func padding(after size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (unit - size % unit) % unit)
    }

    /// The end of the archive: two blocks of zeros.
    static let end = [UInt8](repeating: 0, count: 2 * unit)

    var header: [UInt8] {
        let name = Array(path.utf8)
        guard name.count > 100 else { return Self.head(name, size: size, kind: "0", modified) }
        // A longer name precedes the header, as the contents of a separate entry, and ends with a zero byte.
        return Self.head(Array("././@LongLink".utf8), size: name.count + 1, kind: "L", Timestamp(milliseconds: 0))
            + name + [0] + Self.padding(after: name.count + 1)
            + Self.head(Array(name.prefix(100)), size: size, kind: "0", modified)
    }

    private static func head(_ name: [UInt8], size: Int, kind: Character, _ modified: Timestamp) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: unit)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            head.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        func octal(_ value: Int, digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array(String(repeating: "0", count: max(0, digits - text.count)).utf8) + Array(text.utf8)
        }
        put(name, at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        // Sizes of 8 GiB and more do not fit into 11 octal digits, and are written in base 256.
        if size < 1 << 33 {
            put(octal(size, digits: 11), at: 124)
        } else {
            put([0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * $0)) }, at: 124)
        }
        put(octal(Int(max(0, modified.milliseconds.floored(by: 1000))), digits: 11), at: 136)
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
        put(kind.utf8, at: 156)
        put("ustar  ".utf8, at: 257)
        put(octal(head.reduce(0) { $0 + Int($1) }, digits: 6) + [0], at: 148)
        return head
    }
}
