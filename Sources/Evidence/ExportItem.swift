internal import Archive
internal import DurableFiles
internal import Webhooks

/// A file of an export's payload.
struct ExportItem: Sendable {
    /// The path in the archive, or in the bag's `data/`.
    let path: String
    let source: Source

    enum Source {
        /// A compressed file, which is read as it is copied.
        case file(GzipReference)
        /// A compressed file in the state that a seal closes.
        case sealed(LeafStatement.File)
        /// A small file, with its hash if one is recorded.
        case copy(ContentHash?)
        case bytes([UInt8])
    }

    /// The size in bytes, as far as it is known before the file is read.
    var size: Int {
        switch source {
        case .file(let reference): reference.state.gzipBytes
        case .sealed(let file): file.gzipBytes
        case .copy: 0
        case .bytes(let bytes): bytes.count
        }
    }

    enum Contents {
        case file(GzipFile)
        case bytes([UInt8])
    }

    /// - Throws: ``ArchiveError/differs(_:_:)`` if a small file differs from its recorded hash.
    func contents(in archive: ArchiveFolder) throws -> Contents {
        switch source {
        case .file(let reference): return .file(try GzipFile(reference, in: archive))
        case .sealed(let file): return .file(try archive.file(path, as: file))
        case .bytes(let bytes): return .bytes(bytes)
        case .copy(let hash):
            let full = archive.root.path(of: path)
            guard let bytes = try archive.root.contents(of: path) else {
                throw ArchiveError.differs(full, "it is listed, and not there")
            }
            if let hash, ContentHash(of: bytes) != hash {
                throw ArchiveError.differs(full, "its SHA-256 is not \(hash), which was recorded")
            }
            return .bytes(bytes)
        }
    }
}
