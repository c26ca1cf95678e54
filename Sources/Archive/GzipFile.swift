package import DurableFiles
internal import Webhooks

/// One state of a compressed file: exactly its bytes, even if the file has grown since.
package struct GzipFile: Sendable {
    /// The path, relative to the archive's root.
    package let path: String
    package let state: GzipState
    private let file: ReadFile
    /// The full path, for messages.
    package var fullPath: String { file.path }

    /// Opens a state without a lock, while sweeps may publish.
    ///
    /// If it is not published yet, it is in the staging of its sweep. Otherwise the file with the final name is in this
    /// state, or has grown, in which case the state is a prefix of it followed by ten computed bytes.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if neither is the case: the state is too old or too new, or
    ///   someone else changed the file.
    package init(_ reference: GzipReference, in archive: ArchiveFolder) throws {
        let (path, state) = (reference.path, reference.state)
        // This is tried twice: between the two look-ups, the sweep may rename one to the other.
        for _ in 0..<2 {
            for candidate in [ArchivePath.staged(path, reference.sweep), path] {
                if let file = try archive.root.file(candidate), file.size >= state.gzipBytes {
                    self.init(path: path, state: state, file: file)
                    return
                }
            }
        }
        let size = try archive.root.status(of: path)?.size
        throw ArchiveError.differs(
            archive.root.path(of: path),
            size.map { "it has \($0) bytes, but \(state.gzipBytes) were written" } ?? "there is no such file")
    }

    /// All bytes of a file, whatever is recorded for it. The state has only its length.
    package init(path: String, whole file: ReadFile) {
        self.init(path: path, state: GzipState(gzipBytes: file.size, hash: ContentHash(of: [])), file: file)
    }

    package init(path: String, state: GzipState, file: ReadFile) {
        self.path = path
        self.state = state
        self.file = file
    }

    /// Returns the bytes of the state from `offset`, `count` of them or up to its end.
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

    /// Passes on all bytes of the state in pieces, and then compares their hash.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` after the last piece if the bytes are not those that were
    ///   recorded.
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

    /// Writes the state to a separate file, completely or not at all. It replaces any file with that name.
    package func copy(to path: String) throws {
        let (folderPath, name) = ArchivePath.split(path)
        let folder = try Folder(folderPath.isEmpty ? "/" : folderPath)
        let part = ".\(name).part"
        try folder.remove(part)
        var copy = try folder.newFile(part)
        try stream { try copy.write($0) }
        try copy.commit(as: name)
    }

    /// Returns the text of one block, which is read and inflated alone.
    ///
    /// - Parameter offset: The offset in the file of the block's first compressed byte.
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

    /// Returns the offset after the first full flush that begins at `offset` or later and ends at `end` or before, or
    /// `nil` if there is none. The same bytes also occur by chance within a block.
    func nextFlush(from offset: Int, before end: Int) throws(FileError) -> Int? {
        let flush = GzipMember.flush
        var offset = offset
        while offset < end {
            let bytes = try read(at: offset, count: min(1 << 16, end - offset))
            guard bytes.count >= flush.count else { return nil }
            for place in 0...(bytes.count - flush.count)
            where bytes[place] == 0 && bytes[place...].starts(with: flush) { return offset + place + flush.count }
            offset += bytes.count - flush.count + 1
        }
        return nil
    }
}
