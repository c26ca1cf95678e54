internal import Archive
internal import ArchiveIndex
internal import Webhooks

/// The manifest of a bag's payload, and the other tag files.
///
/// Its lines are on disk until they are written in order, since a bag may have hundreds of thousands of files.
struct ExportManifest: Sendable {
    private let lines: SortedTexts
    private var pending: [SortedTexts.Entry] = []
    /// The number of payload files.
    private(set) var count = 0
    /// The size of the payload, in bytes.
    private(set) var bytes = 0
    /// The size of the manifest, in bytes.
    private(set) var size = 0

    static let name = "manifest-sha256.txt"
    /// The number of lines in memory at a time.
    private static let batch = 2048

    init() throws { lines = try SortedTexts() }

    /// - Parameter path: The path in the bag.
    mutating func add(_ path: String, _ hash: ContentHash, size bytes: Int) throws {
        let line = Self.line(path, hash)
        // Sorted like the names in each folder, so a slash is before any other byte.
        pending.append(.init(key: path.utf8.map { $0 == UInt8(ascii: "/") ? 0 : $0 }, text: line))
        count += 1
        self.bytes += bytes
        size += line.utf8.count
        if pending.count == Self.batch { try flush() }
    }

    private mutating func flush() throws {
        try lines.add(pending)
        pending.removeAll(keepingCapacity: true)
    }

    private static func line(_ path: String, _ hash: ContentHash) -> String {
        ChecksumLine(hash: hash, path: path).text
    }

    /// Reads the manifest in pieces, once every file was added.
    struct Reader: Sendable {
        private let lines: SortedTexts
        private var last: [UInt8] = []

        fileprivate init(_ lines: SortedTexts) { self.lines = lines }

        /// Returns the next bytes, or `nil` at the end.
        mutating func next() throws -> [UInt8]? {
            let entries = try lines.entries(after: last, limit: ExportManifest.batch)
            guard let end = entries.last else { return nil }
            last = end.key
            return entries.flatMap { Array($0.text.utf8) }
        }
    }

    mutating func reader() throws -> Reader {
        try flush()
        return Reader(lines)
    }

    /// Returns the tag files that precede the manifest.
    ///
    /// - Parameter info: The fields of `bag-info.txt` (section 2.2.2). Payload-Oxum is added.
    func tags(_ info: [(label: String, value: String)]) -> [(path: String, text: String)] {
        let info = info + [("Payload-Oxum", "\(bytes).\(count)")]
        return [
            ("bag-info.txt", info.map { "\($0): \($1)\n" }.joined()),
            ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        ]
    }

    /// Returns the tag manifest, the last file of a bag.
    ///
    /// - Parameter manifest: The hash of the manifest.
    static func tagManifest(
        of tags: [(path: String, text: String)], manifest: ContentHash
    ) -> (path: String, text: String) {
        let lines = tags.map { line($0.path, ContentHash(of: Array($0.text.utf8))) } + [line(name, manifest)]
        return ("tagmanifest-sha256.txt", lines.joined())
    }
}
