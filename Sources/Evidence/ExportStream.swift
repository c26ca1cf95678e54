internal import Archive
internal import DurableFiles
internal import Webhooks

/// An export as a `.tar` that is produced as it is read: by ``Export/write(to:)`` into a file, or by the page over a
/// network without a file.
///
/// Hashes are compared as the files are read, so damage is only known on the way. ``next(progress:)`` throws then,
/// and the output has no end-of-archive, which every reader of `.tar` reports.
package struct ExportStream: Sendable {
    /// The name of the only folder in the `.tar`.
    package let name: String
    private let archive: ArchiveFolder
    private let bagInfo: [(label: String, value: String)]
    private var items: ExportItems
    private let modified: Timestamp
    private var bag: ExportManifest
    private var open: Open?
    private var end = End.payload
    /// The summary, which is complete at the end.
    private(set) var report: Export.Report

    /// What follows next once all payload files were written.
    private enum End {
        case payload
        case manifest(ExportManifest.Reader, tags: [(path: String, text: String)], hash: RunningHash)
        case nothing
    }

    private struct Open {
        let file: GzipFile
        let path: String
        var offset = 0
        var hash = RunningHash()
    }

    /// - Throws: ``ExportError/nothing(_:late:)``.
    package init(_ export: Export, name: String) throws {
        self.name = name
        archive = export.archive
        bagInfo = export.bagInfo
        let (contents, signers) = try export.contents()
        items = try export.items(contents, signers)
        bag = try ExportManifest()
        modified = contents.newest
        report = contents.report
    }

    /// The number of bytes of a compressed file that are read at a time.
    private static let piece = 1 << 18

    /// Returns the next bytes, or `nil` at the end.
    ///
    /// - Parameter progress: Called with each file before it is copied.
    /// - Throws: ``ArchiveError/differs(_:_:)`` if a file differs from what the index or a seal says.
    package mutating func next(progress: Export.Progress = { _, _ in }) throws -> [UInt8]? {
        if var file = open {
            let bytes = try file.file.read(at: file.offset, count: Self.piece)
            file.hash.add(bytes)
            file.offset += bytes.count
            open = file
            if !bytes.isEmpty, file.offset < file.file.state.gzipBytes { return bytes }
            guard file.offset == file.file.state.gzipBytes, file.hash.value == file.file.state.hash else {
                throw ArchiveError.differs(
                    file.file.fullPath, "its SHA-256 is \(file.hash.value), and \(file.file.state.hash) was recorded")
            }
            open = nil
            try bag.add(file.path, file.hash.value, size: file.offset)
            return bytes + TarEntry.padding(after: file.offset)
        }
        if let item = try items.next() {
            try progress(item.path, item.size)
            let path = ExportBag.path(of: item.path)
            switch try item.contents(in: archive) {
            case .file(let file):
                open = Open(file: file, path: path)
                return header(path, size: file.state.gzipBytes)
            case .bytes(let bytes):
                try bag.add(path, ContentHash(of: bytes), size: bytes.count)
                return entry(path, bytes)
            }
        }
        return try nextTags()
    }

    private mutating func nextTags() throws -> [UInt8]? {
        switch end {
        case .payload:
            let tags = bag.tags(bagInfo)
            end = .manifest(try bag.reader(), tags: tags, hash: RunningHash())
            return tags.flatMap { entry($0.path, Array($0.text.utf8)) } + header(ExportManifest.name, size: bag.size)
        case .manifest(var reader, let tags, var hash):
            if let bytes = try reader.next() {
                hash.add(bytes)
                end = .manifest(reader, tags: tags, hash: hash)
                return bytes
            }
            end = .nothing
            let last = ExportManifest.tagManifest(of: tags, manifest: hash.value)
            (report.files, report.bytes) = (bag.count, bag.bytes)
            report.sha256 = ContentHash(of: Array(last.text.utf8)).description
            return TarEntry.padding(after: bag.size) + entry(last.path, Array(last.text.utf8)) + TarEntry.end
        case .nothing: return nil
        }
    }

    private func header(_ path: String, size: Int) -> [UInt8] {
        TarEntry(path: "\(name)/\(path)", size: size, modified: modified).header
    }

    private func entry(_ path: String, _ bytes: [UInt8]) -> [UInt8] {
        header(path, size: bytes.count) + bytes + TarEntry.padding(after: bytes.count)
    }
}
