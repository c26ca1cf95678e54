internal import Archive
internal import DurableFiles
internal import Webhooks

/// A bag in the making (BagIt 1.0, RFC 8493), in a folder of its own.
///
/// RFC 8493, section 2.1.3, has `%` in a path written `%25` in a manifest, and the archive's paths hold `%`. No reader
/// of manifests at hand does that: PyPI's `bagit` 1.9.0 decodes `%0D` and `%0A` and nothing else, and `sha256sum -c`
/// decodes nothing. So that a bag is valid to all of them, no path in it holds a `%`: it has `+` in its place, which no
/// path of the archive holds, so that the one still tells the other.
///
/// The manifest goes through the folders in the order in which a shell's `*` does, each name by its bytes: `check.sh`
/// compares it with what it finds.
struct ExportBag: ~Copyable {
    private let root: Folder
    private var payload: [Entry] = []
    private var folders: Set<String> = []

    private struct Entry {
        let path: String
        let hash: ContentHash
        let size: Int

        var line: String { SumLine(hash: hash, path: path).text }
    }

    init(_ root: Folder) { self.root = root }

    /// Of the payload.
    var count: Int { payload.count }
    /// Of the payload.
    var bytes: Int { payload.reduce(0) { $0 + $1.size } }

    /// The path in the bag of what stands under `path` in the archive.
    static func path(of path: String) -> String { "data/" + path.map { $0 == "%" ? "+" : String($0) }.joined() }

    /// Adds a file to the payload.
    mutating func add(_ path: String, _ bytes: [UInt8]) throws {
        payload.append(try write(Self.path(of: path)) { try $0(bytes) })
    }

    /// Adds a state of a compressed file to the payload.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` where its bytes are not those that were recorded.
    mutating func add(_ path: String, _ file: GzipFile) throws {
        payload.append(try write(Self.path(of: path)) { try file.stream($0) })
    }

    /// Adds the tag files, and makes all of it durable.
    ///
    /// - Parameter info: for `bag-info.txt` (section 2.2.2), whose Payload-Oxum is added.
    /// - Returns: the hash of the tag manifest.
    consuming func finish(_ info: [(label: String, value: String)]) throws -> ContentHash {
        let info = info + [("Payload-Oxum", "\(bytes).\(count)")]
        let tags = [
            ("bag-info.txt", info.map { "\($0): \($1)\n" }.joined()),
            ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
            ("manifest-sha256.txt", Self.manifest(payload)),
        ]
        var entries: [Entry] = []
        for (name, text) in tags { entries.append(try write(name) { try $0(Array(text.utf8)) }) }
        let manifest = try write("tagmanifest-sha256.txt") { try $0(Array(Self.manifest(entries).utf8)) }
        for folder in folders { try root.folder(folder)?.sync() }
        return manifest.hash
    }

    private static func manifest(_ entries: [Entry]) -> String {
        entries.map { (key: $0.path.split(separator: "/").map { Array($0.utf8) }, line: $0.line) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) { $0.lexicographicallyPrecedes($1) } }
            .map(\.line).joined()
    }

    private mutating func write(_ path: String, _ body: (([UInt8]) throws -> Void) throws -> Void) throws -> Entry {
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
        return Entry(path: path, hash: hash.value, size: size)
    }
}
