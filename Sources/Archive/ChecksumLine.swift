package import Webhooks

/// A line in the format of `sha256sum`.
package struct ChecksumLine: Equatable, Sendable {
    package var hash: ContentHash
    package var path: String

    package init(hash: ContentHash, path: String) {
        self.hash = hash
        self.path = path
    }

    package var text: String { "\(hash)  \(path)\n" }

    /// Whether the path can be written: it is neither empty nor has a line feed.
    var isWritable: Bool { !path.isEmpty && !path.utf8.contains(UInt8(ascii: "\n")) }

    /// Returns all lines of a file, or `nil` if a line has another form.
    package static func parse(_ bytes: [UInt8]) -> [ChecksumLine]? {
        // As to sha256sum, a line ends at an LF, whatever is before it.
        guard bytes.last == UInt8(ascii: "\n") else { return nil }
        return try? bytes.span.withUnsafeBytes { bytes in
            var lines: [ChecksumLine] = []
            try bytes.forEachLine { try lines.append(ChecksumLine($0)) }
            return lines
        }
    }

    /// Parses a line, without its LF.
    private init(_ line: UnsafeRawBufferPointer) throws(LineFault) {
        let separator = RawBytes.of("  ")
        let start = ContentHash.textCount + separator.count
        guard line.count > start,
            RawBytes.areEqual(UnsafeRawBufferPointer(rebasing: line[ContentHash.textCount..<start]), separator),
            let hash = ContentHash(hex: UnsafeRawBufferPointer(rebasing: line[..<ContentHash.textCount])),
            let path = String(validating: UnsafeRawBufferPointer(rebasing: line[start...]), as: UTF8.self)
        else { throw LineFault("it is not a SHA-256, two spaces and a path") }
        self.init(hash: hash, path: path)
    }
}
