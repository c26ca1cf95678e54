internal import Archive
internal import Webhooks

/// The manifest of a bag's payload, and the other tag files.
struct ExportManifest: Sendable {
    private var payload: [Entry] = []

    private struct Entry {
        let path: String
        let hash: ContentHash
        let size: Int

        var line: String { ChecksumLine(hash: hash, path: path).text }
    }

    /// The number of payload files.
    var count: Int { payload.count }
    /// The size of the payload, in bytes.
    var bytes: Int { payload.reduce(0) { $0 + $1.size } }

    /// - Parameter path: The path in the bag.
    mutating func add(_ path: String, _ hash: ContentHash, size: Int) {
        payload.append(Entry(path: path, hash: hash, size: size))
    }

    /// Returns the tag files, the tag manifest last.
    ///
    /// - Parameter info: The fields of `bag-info.txt` (section 2.2.2). Payload-Oxum is added.
    func tags(_ info: [(label: String, value: String)]) -> [(path: String, text: String)] {
        let info = info + [("Payload-Oxum", "\(bytes).\(count)")]
        let tags = [
            ("bag-info.txt", info.map { "\($0): \($1)\n" }.joined()),
            ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
            ("manifest-sha256.txt", Self.manifest(payload)),
        ]
        let entries = tags.map { path, text in
            Entry(path: path, hash: ContentHash(of: Array(text.utf8)), size: text.utf8.count)
        }
        return tags + [("tagmanifest-sha256.txt", Self.manifest(entries))]
    }

    private static func manifest(_ entries: [Entry]) -> String {
        entries.map { (key: $0.path.split(separator: "/").map { Array($0.utf8) }, line: $0.line) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) { $0.lexicographicallyPrecedes($1) } }
            .map(\.line).joined()
    }
}
