internal import Webhooks

/// The entries in a block of a file of leaves.
package struct TarBlock {
    package struct Entry {
        package let path: String
        package let bytes: ArraySlice<UInt8>
    }

    package let entries: [Entry]
    /// Whether the end of the `.tar` follows the entries.
    package let isLast: Bool

    /// Returns `nil` unless the text is whole entries, exactly as ``TarEntry`` writes them with the time 0.
    package init?(_ text: [UInt8]) {
        var entries: [Entry] = []
        var rest = text[...]
        while !rest.isEmpty, rest.first != 0 {
            guard let entry = Self.entry(from: &rest) else { return nil }
            entries.append(entry)
        }
        guard rest.isEmpty || Array(rest) == TarEntry.end else { return nil }
        self.entries = entries
        isLast = !rest.isEmpty
    }

    private static func entry(from rest: inout ArraySlice<UInt8>) -> Entry? {
        let name = rest.prefix(100).prefix { $0 != 0 }
        let sizeField = rest.dropFirst(124).prefix(11)
        guard let path = String(validating: name, as: UTF8.self),
            let digits = String(validating: sizeField, as: UTF8.self),
            let size = Int(digits, radix: 8), size >= 0, size <= rest.count
        else { return nil }
        let header = TarEntry(path: path, size: size, modified: Timestamp(milliseconds: 0)).header
        let padding = TarEntry.padding(after: size)
        guard rest.count >= header.count + size + padding.count, rest.starts(with: header) else { return nil }
        let bytes = rest.dropFirst(header.count).prefix(size)
        rest = rest[bytes.endIndex...]
        guard rest.starts(with: padding) else { return nil }
        rest = rest.dropFirst(padding.count)
        return Entry(path: path, bytes: bytes)
    }
}
