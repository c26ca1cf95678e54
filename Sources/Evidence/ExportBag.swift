internal import Archive
internal import DurableFiles
internal import Webhooks

/// A bag in the making (BagIt 1.0, RFC 8493), in a folder of its own.
///
/// RFC 8493, section 2.1.3, has `%` in a path written `%25` in a manifest, and the archive's paths hold `%`. No reader
/// of manifests at hand does that: PyPI's `bagit` 1.9.0 decodes `%0D` and `%0A` and nothing else, and `sha256sum -c`
/// decodes nothing. So that a bag is valid to all of them, no path in it holds a `%`: it has `+` in its place, which no
/// path of the archive holds, so that each can be derived from the other.
///
/// The manifest goes through the folders in the order in which a shell's `*` does, each name by its bytes: `check.sh`
/// compares it with what it finds.
struct ExportBag: ~Copyable {
    private let root: Folder
    private var manifest = ExportManifest()
    private var folders: Set<String> = []

    init(_ root: Folder) { self.root = root }

    /// Of the payload.
    var count: Int { manifest.count }
    /// Of the payload.
    var bytes: Int { manifest.bytes }

    /// The path in the bag of the archive's file at `path`.
    static func path(of path: String) -> String { "data/" + path.map { $0 == "%" ? "+" : String($0) }.joined() }

    /// Adds a file to the payload.
    mutating func add(_ path: String, _ bytes: [UInt8]) throws {
        try add(path) { try $0(bytes) }
    }

    /// Adds a state of a compressed file to the payload.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` where its bytes are not those that were recorded.
    mutating func add(_ path: String, _ file: GzipFile) throws {
        try add(path) { try file.stream($0) }
    }

    private mutating func add(_ path: String, _ body: (([UInt8]) throws -> Void) throws -> Void) throws {
        let path = Self.path(of: path)
        let (hash, size) = try write(path, body)
        manifest.add(path, hash, size: size)
    }

    /// Adds the tag files, and makes all of it durable.
    ///
    /// - Parameter info: for `bag-info.txt` (section 2.2.2), whose Payload-Oxum is added.
    /// - Returns: the hash of the tag manifest.
    consuming func finish(_ info: [(label: String, value: String)]) throws -> ContentHash {
        var last = ContentHash(of: [])
        for (path, text) in manifest.tags(info) { last = try write(path) { try $0(Array(text.utf8)) }.hash }
        for folder in folders { try root.folder(folder)?.sync() }
        return last
    }

    private mutating func write(_ path: String, _ body: (([UInt8]) throws -> Void) throws -> Void) throws -> (
        hash: ContentHash, size: Int
    ) {
        let (folder, name) = ArchivePath.split(path)
        folders.insert(folder)
        var file = try (folder == "." ? root : root.makeFolder(folder)).newFile(name)
        var hash = RunningHash()
        try body { piece in
            hash.add(piece)
            try file.write(piece)
        }
        let size = file.size
        try file.finish()
        return (hash.value, size)
    }
}

/// The contents of a bag's tag files about its payload.
struct ExportManifest: Sendable {
    private var payload: [Entry] = []

    private struct Entry {
        let path: String
        let hash: ContentHash
        let size: Int

        var line: String { ChecksumLine(hash: hash, path: path).text }
    }

    /// Of the payload.
    var count: Int { payload.count }
    /// Of the payload.
    var bytes: Int { payload.reduce(0) { $0 + $1.size } }

    /// - Parameter path: in the bag.
    mutating func add(_ path: String, _ hash: ContentHash, size: Int) {
        payload.append(Entry(path: path, hash: hash, size: size))
    }

    /// The tag files, the tag manifest last.
    ///
    /// - Parameter info: for `bag-info.txt` (section 2.2.2), to which Payload-Oxum is added.
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
