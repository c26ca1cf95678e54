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
    let root: Folder
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
    static func path(of path: String) -> String {
        "data/" + String(decoding: path.utf8.map { $0 == UInt8(ascii: "%") ? UInt8(ascii: "+") : $0 }, as: UTF8.self)
    }

    /// A payload file that was written.
    struct Written: Sendable {
        /// The path in the bag.
        let path: String
        let hash: ContentHash
        let size: Int
    }

    /// Writes a payload file into the folder of a bag, on any thread.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if its bytes are not those that were recorded.
    static func write(_ item: ExportItem, of archive: ArchiveFolder, to root: Folder) throws -> Written {
        switch try item.contents(in: archive) {
        case .file(let file): try write(path(of: item.path), to: root) { try file.stream($0) }
        case .bytes(let bytes): try write(path(of: item.path), to: root) { try $0(bytes) }
        }
    }

    /// Adds a file that was written to the manifest.
    mutating func add(_ file: Written) throws { try manifest.add(file.path, file.hash, size: file.size) }

    /// Adds the tag files, and makes the whole bag durable by one sync of its filesystem: it may have many thousands of
    /// files.
    ///
    /// - Parameter info: The fields of `bag-info.txt` (section 2.2.2). Payload-Oxum is added.
    /// - Returns: The hash of the tag manifest.
    consuming func finish(_ info: [(label: String, value: String)]) throws -> ContentHash {
        let tags = manifest.tags(info)
        for (path, text) in tags { _ = try Self.write(path, to: root) { try $0(Array(text.utf8)) } }
        var reader = try manifest.reader()
        let hash = try Self.write(ExportManifest.name, to: root) { write in
            while let bytes = try reader.next() { try write(bytes) }
        }.hash
        let last = ExportManifest.tagManifest(of: tags, manifest: hash)
        let identity = try Self.write(last.path, to: root) { try $0(Array(last.text.utf8)) }.hash
        try root.syncFilesystem()
        return identity
    }

    private static func write(
        _ path: String, to root: Folder, _ body: (([UInt8]) throws -> Void) throws -> Void
    ) throws -> Written {
        let (folder, name) = ArchivePath.split(path)
        if folder != "." { try root.makeFolderUnsynced(folder) }
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
        return Written(path: path, hash: hash.value, size: size)
    }
}
