internal import Archive
internal import DurableFiles
internal import Webhooks

/// A bag that is being written (BagIt 1.0, RFC 8493), in a new folder.
///
/// RFC 8493, section 2.1.3, has `%` in a path written as `%25` in a manifest, and the archive's paths contain `%`.
/// Common readers of manifests do not do that: PyPI's `bagit` 1.9.0 decodes only `%0D` and `%0A`, and `sha256sum -c`
/// decodes nothing. To be valid for all of them, no path in a bag contains `%`. It has `+` instead, which no path of
/// the archive contains, so each can be derived from the other.
///
/// The manifest lists paths in the order in which a shell expands `*`, with names compared by their bytes: `check.sh`
/// compares it with what it finds.
struct ExportBag: ~Copyable {
    private let root: Folder
    private var manifest: ExportManifest

    init(_ root: Folder) throws {
        self.root = root
        manifest = try ExportManifest()
    }

    /// The number of payload files.
    var count: Int { manifest.count }
    /// The size of the payload, in bytes.
    var bytes: Int { manifest.bytes }

    /// Returns the path in the bag of the archive's file at `path`.
    static func path(of path: String) -> String { "data/" + path.map { $0 == "%" ? "+" : String($0) }.joined() }

    /// Adds a file to the payload.
    mutating func add(_ path: String, _ bytes: [UInt8]) throws {
        try add(path) { try $0(bytes) }
    }

    /// Adds a compressed file to the payload, up to the length of a state.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if its bytes are not those that were recorded.
    mutating func add(_ path: String, _ file: GzipFile) throws {
        try add(path) { try file.stream($0) }
    }

    private mutating func add(_ path: String, _ body: (([UInt8]) throws -> Void) throws -> Void) throws {
        let path = Self.path(of: path)
        let (hash, size) = try write(path, body)
        try manifest.add(path, hash, size: size)
    }

    /// Adds the tag files, and makes the whole bag durable by one sync of its filesystem: it may have many thousands of
    /// files.
    ///
    /// - Parameter info: The fields of `bag-info.txt` (section 2.2.2). Payload-Oxum is added.
    /// - Returns: The hash of the tag manifest.
    consuming func finish(_ info: [(label: String, value: String)]) throws -> ContentHash {
        let tags = manifest.tags(info)
        for (path, text) in tags { _ = try write(path) { try $0(Array(text.utf8)) } }
        var reader = try manifest.reader()
        let hash = try write(ExportManifest.name) { write in
            while let bytes = try reader.next() { try write(bytes) }
        }.hash
        let last = ExportManifest.tagManifest(of: tags, manifest: hash)
        let identity = try write(last.path) { try $0(Array(last.text.utf8)) }.hash
        try root.syncFilesystem()
        return identity
    }

    private mutating func write(_ path: String, _ body: (([UInt8]) throws -> Void) throws -> Void) throws -> (
        hash: ContentHash, size: Int
    ) {
        let (folder, name) = ArchivePath.split(path)
        if folder != "." { _ = try root.makeFolders([folder]) }
        guard let parent = try folder == "." ? root : root.folder(folder) else {
            throw ArchiveError.differs(root.path(of: folder), "somebody removed it")
        }
        var file = try parent.newFile(name)
        var hash = RunningHash()
        try body { piece in
            hash.add(piece)
            try file.write(piece)
        }
        let size = file.size
        try file.finishUnsynced()
        return (hash.value, size)
    }
}
