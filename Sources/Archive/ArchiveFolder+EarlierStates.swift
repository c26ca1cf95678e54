internal import DurableFiles
package import Webhooks

extension ArchiveFolder {
    /// Opens a file in the state that a leaf has of it, even if it has grown since.
    ///
    /// - Parameter path: The path from the archive's root.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the file had no such state. Its bytes are only compared as they are read.
    package func file(_ path: String, as sealed: LeafStatement.File) throws -> GzipFile {
        guard let file = try root.file(path) else {
            throw ArchiveError.differs(root.path(of: path), "it is sealed, and not there")
        }
        var state = GzipState(
            lines: sealed.lines, textBytes: sealed.textBytes, gzipBytes: sealed.gzipBytes, hash: sealed.gzipSHA256)
        if file.size != sealed.gzipBytes {
            let earlier = try Self.state(of: GzipFile(path: path, whole: file), gzipBytes: sealed.gzipBytes)
            guard let earlier, earlier.hash == sealed.gzipSHA256 else {
                throw ArchiveError.differs(
                    root.path(of: path), "its state of \(sealed.gzipBytes) bytes, which was sealed, cannot be read")
            }
            state = earlier
        }
        return GzipFile(path: path, state: state, file: file)
    }

    /// Returns the state that a file had when it had this length, which is found by reading the file up to there.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the file had no such state.
    package func state(of file: GzipReference, gzipBytes: Int) throws -> GzipState {
        if file.state.gzipBytes == gzipBytes { return file.state }
        if file.state.gzipBytes > gzipBytes,
            let earlier = try Self.state(of: GzipFile(file, in: self), gzipBytes: gzipBytes)
        {
            return earlier
        }
        throw ArchiveError.differs(
            root.path(of: file.path), "its state of \(gzipBytes) bytes, which was recorded, cannot be read")
    }

    /// Returns a file in an earlier state.
    ///
    /// - Throws: ``ArchiveError/differs(_:_:)`` if the file has no state of this length with this hash.
    package func earlier(_ file: GzipReference, gzipBytes: Int, hash: ContentHash) throws -> GzipReference {
        let state = try state(of: file, gzipBytes: gzipBytes)
        guard state.hash == hash else {
            throw ArchiveError.differs(
                root.path(of: file.path), "its state of \(gzipBytes) bytes does not have the SHA-256 that was recorded")
        }
        return GzipReference(path: file.path, state: state, sweep: file.sweep)
    }

    /// Returns the state that a longer file had when it had this length, or `nil` if it had none.
    static func state(of file: GzipFile, gzipBytes: Int) throws -> GzipState? {
        var scanner = try GzipScanner(file)
        while try scanner.next() != nil, scanner.earlierBytes <= gzipBytes {
            if scanner.earlierBytes == gzipBytes { return scanner.earlierState }
        }
        return nil
    }
}
