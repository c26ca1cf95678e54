package import Webhooks

/// A regular file in a `.tar`: its header, in the ustar format (POSIX.1, pax, "ustar Interchange Format"), with owner 0
/// and mode 0644. A name or size that does not fit has the header of GNU tar (its manual, "Basic Tar Format").
///
/// Equal names, sizes and times give equal bytes.
package struct TarEntry {
    package let path: String
    /// The size of the file, in bytes.
    package let size: Int
    package let modified: Timestamp

    package init(path: String, size: Int, modified: Timestamp) {
        self.path = path
        self.size = size
        self.modified = modified
    }

    /// The size of a header and of the units that contents are padded to, in bytes.
    static let unit = 512

    /// Returns the zeros that fill the last unit.
    package static func padding(after size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (unit - size % unit) % unit)
    }

    /// The end of a `.tar`: two units of zeros.
    package static let end = [UInt8](repeating: 0, count: 2 * unit)

    private static let longestName = 100
    /// A size of 8 GiB or more does not fit into 11 octal digits.
    private static let sizeLimit = 1 << 33

    private enum Format { case ustar, gnu }

    package var header: [UInt8] {
        let name = Array(path.utf8)
        let format: Format = size < Self.sizeLimit ? .ustar : .gnu
        guard name.count > Self.longestName else {
            return Self.head(name, size: size, kind: "0", modified, format)
        }
        // A longer name precedes the header, as the contents of a separate entry, and ends with a zero byte.
        return Self.head(
            Array("././@LongLink".utf8), size: name.count + 1, kind: "L", Timestamp(milliseconds: 0), .gnu)
            + name + [0] + Self.padding(after: name.count + 1)
            + Self.head(Array(name.prefix(Self.longestName)), size: size, kind: "0", modified, .gnu)
    }

    private static func head(
        _ name: [UInt8], size: Int, kind: Character, _ modified: Timestamp, _ format: Format
    ) -> [UInt8] {
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
        if size < sizeLimit {
            put(octal(size, digits: 11), at: 124)
        } else {
            // In base 256.
            put([0x80, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * $0)) }, at: 124)
        }
        put(octal(Int(max(0, modified.milliseconds.floored(by: 1000))), digits: 11), at: 136)
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
        put(kind.utf8, at: 156)
        switch format {
        case .ustar: put("ustar\u{0}00".utf8, at: 257)
        case .gnu: put("ustar  ".utf8, at: 257)
        }
        put(octal(head.reduce(0) { $0 + Int($1) }, digits: 6) + [0], at: 148)
        return head
    }
}
