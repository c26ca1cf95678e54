package import DurableFiles
package import Webhooks

/// What a compressed file of the archive holds, at one moment of its growth.
package struct GzipState: Hashable, Sendable {
    package var lines = 0
    /// In bytes.
    package var textBytes = 0
    /// In bytes, header and end included.
    package var gzipBytes = 0
    /// Of the text.
    package var crc32: UInt32 = 0
    /// Of the whole compressed file.
    package var hash: ContentHash

    package init(lines: Int, textBytes: Int, gzipBytes: Int, crc32: UInt32, hash: ContentHash) {
        self.lines = lines
        self.textBytes = textBytes
        self.gzipBytes = gzipBytes
        self.crc32 = crc32
        self.hash = hash
    }
}

/// Where a state of a compressed file is to be had.
package struct GzipReference: Hashable, Sendable {
    /// From the archive's root.
    package var path: String
    package var state: GzipState
    /// The sweep that made the state, and in whose staging it is until that is published.
    package var sweep: Int

    package init(path: String, state: GzipState, sweep: Int) {
        self.path = path
        self.state = state
        self.sweep = sweep
    }
}

/// Exactly the bytes of one state of a compressed file, however far the file has grown since.
package struct GzipFile: Sendable {
    /// Seen from the archive's root.
    package let path: String
    package let state: GzipState
    private let file: ReadFile
    /// For people.
    package var fullPath: String { file.path }

    /// Opens a state without a lock, while sweeps may publish.
    ///
    /// The file under its final name holds the state, or has grown past it, and then the state is its prefix and ten
    /// computed bytes; or it is not yet published, and is whole in the staging of its sweep.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` where neither holds: the state is too old or too new to be read, or the
    ///   file was changed by someone else.
    package init(_ reference: GzipReference, in archive: ArchiveFolder) throws {
        let (path, state) = (reference.path, reference.state)
        // Twice: between the two looks the sweep may rename the one onto the other.
        for _ in 0..<2 {
            for candidate in [path, ArchivePath.staged(path, reference.sweep)] {
                if let file = try archive.root.file(candidate), file.size >= state.gzipBytes {
                    self.init(path: path, state: state, file: file)
                    return
                }
            }
        }
        let size = try archive.root.status(of: path)?.size
        throw ArchiveError.differs(
            archive.root.path(of: path),
            size.map { "it has \($0) bytes where \(state.gzipBytes) were written" } ?? "there is no such file")
    }

    package init(path: String, state: GzipState, file: ReadFile) {
        self.path = path
        self.state = state
        self.file = file
    }

    /// The bytes of the state from `offset` on, `count` of them or up to its end.
    package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        let end = min(offset + count, state.gzipBytes)
        guard offset < end else { return [] }
        if file.size == state.gzipBytes { return try file.read(at: offset, count: end - offset) }
        let kept = state.gzipBytes - GzipMember.endCount
        var bytes = offset < kept ? try file.read(at: offset, count: min(end, kept) - offset) : []
        if end > kept {
            let tail = GzipMember.end(crc32: state.crc32, textBytes: state.textBytes)
            bytes += tail[max(0, offset - kept)..<(end - kept)]
        }
        return bytes
    }

    /// Hands out all bytes of the state in pieces, and then compares their hash.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` after the last piece, where the bytes are not those that were recorded.
    package func stream(_ piece: ([UInt8]) throws -> Void) throws {
        var hash = RunningHash()
        var offset = 0
        while offset < state.gzipBytes {
            let bytes = try read(at: offset, count: 1 << 18)
            guard !bytes.isEmpty else { break }
            hash.add(bytes)
            try piece(bytes)
            offset += bytes.count
        }
        guard offset == state.gzipBytes, hash.value == state.hash else {
            throw ArchiveError.differs(file.path, "its SHA-256 is \(hash.value), and \(state.hash) was recorded")
        }
    }

    /// Writes the state to a separate file, whole or not at all, replacing any file of that name.
    package func copy(to path: String) throws {
        let (folderPath, name) = ArchivePath.split(path)
        let folder = try Folder(folderPath.isEmpty ? "/" : folderPath)
        let part = ".\(name).part"
        try folder.remove(part)
        var copy = try folder.newFile(part)
        try stream { try copy.write($0) }
        try copy.commit(as: name)
    }

    /// The text of one block, which is read and inflated alone.
    ///
    /// - Parameter offset: of the block's first compressed byte in the file.
    package func text(of block: GzipBlock, at offset: Int, inflater: Inflater) throws -> [UInt8] {
        let bytes = try read(at: offset, count: block.gzipBytes)
        guard ContentHash(of: bytes) == block.hash else {
            throw ArchiveError.differs(file.path, "the block at byte \(offset) has another SHA-256 than was recorded")
        }
        guard let text = inflater.block(bytes, textBytes: block.textBytes) else {
            throw ArchiveError.differs(file.path, "the block at byte \(offset) does not inflate to its text")
        }
        return text
    }
}
