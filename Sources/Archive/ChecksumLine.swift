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

    /// Returns all lines of a file, or `nil` if a line has another form.
    package static func parse(_ bytes: [UInt8]) -> [ChecksumLine]? {
        // Split by bytes, as sha256sum does: to Swift, CR and LF together are one character, which is not a
        // line end.
        let lineFeed = UInt8(ascii: "\n")
        guard bytes.last == lineFeed else { return nil }
        var lines: [ChecksumLine] = []
        for line in bytes.dropLast().split(separator: lineFeed, omittingEmptySubsequences: false) {
            guard line.count > 66, line.dropFirst(64).starts(with: "  ".utf8),
                let hash = ContentHash(hex: String(decoding: line.prefix(64), as: UTF8.self)),
                let path = String(validating: line.dropFirst(66), as: UTF8.self)
            else { return nil }
            lines.append(ChecksumLine(hash: hash, path: path))
        }
        return lines
    }
}
